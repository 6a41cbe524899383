// @ts-check
/** The colours of the map, which are those of the page's style sheet: light or dark, and told when that changes. */

/** How many colours territories have; the next one is grey, for what is nobody's. */
export const COLOURS = 10;
/** From little to much: how much of the accent is in each step. */
const STEPS = [0.14, 0.32, 0.52, 0.74, 1];

/** @typedef {{water: string, land: string, line: string, fineLine: string, ink: string, halo: string, nobody: string, warn: string,
 *   territories: string[], ramp: string[]}} Theme */

/**
 * The colours as they are now.
 * @param {Element} element
 * @returns {Theme}
 */
export function themeOf(element) {
  const probe = document.createElement("span");
  element.append(probe);
  // A variable may say `light-dark(…)`; what comes of it only the colour of something tells.
  const said = (/** @type {string} */ name) => {
    probe.style.color = `var(${name}, #888888)`;
    return hex(getComputedStyle(probe).color);
  };
  const theme = {
    water: said("--map-water"),
    land: said("--map-land"),
    line: said("--map-line"),
    fineLine: said("--map-fine-line"),
    ink: said("--map-ink"),
    halo: said("--map-halo"),
    nobody: said("--map-ink"),
    warn: said("--warn"),
    ramp: STEPS.map((much) => mixed(said("--map-land"), said("--accent"), much)),
    territories: [...Array.from({ length: COLOURS }, (_, number) => said(`--c${number}`)), said("--none")],
  };
  probe.remove();
  return theme;
}

/** @param {string} one @param {string} other @param {number} much how much of the other */
function mixed(one, other, much) {
  const to = parts(other);
  const blend = parts(one).map((part, at) => Math.round(255 * (part + (to[at] - part) * much)));
  return `#${blend.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** @param {string} colour as browsers compute it: `rgb(1, 2, 3)` */
function hex(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? ["136", "136", "136"]).map(Number);
  return `#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Be told whenever light becomes dark or dark light.
 * @param {() => void} tell
 * @returns {() => void} ends it
 */
export function whenThemeChanges(tell) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", tell);
  return () => dark.removeEventListener("change", tell);
}

/**
 * A colour, `#rrggbb`, as numbers from 0 to 1.
 * @param {string} colour
 * @returns {[number, number, number]}
 */
export function parts(colour) {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!found) return [0.5, 0.5, 0.5];
  return [parseInt(found[1], 16) / 255, parseInt(found[2], 16) / 255, parseInt(found[3], 16) / 255];
}
