// @ts-check
/** The buttons of a map, each with a name. */

/** @typedef {{does: string, name: string, drawing: string, presses?: boolean}} Button */

/** @type {Button[]} */
const BUTTONS = [
  { does: "zoom-in", name: "Zoom in", drawing: "M12 5v14M5 12h14" },
  { does: "zoom-out", name: "Zoom out", drawing: "M5 12h14" },
  { does: "reset", name: "Show all accounts", drawing: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" },
  { does: "box", name: "Select with a box (B)", drawing: "M4 4h3M10 4h4M17 4h3v3M20 10v4M20 17v3h-3M14 20h-4M7 20H4v-3M4 14v-4M4 7V4", presses: true },
  { does: "lasso", name: "Select with a lasso (L)", drawing: "M12 4c5 0 8 2.5 8 5.5S17 15 12 15s-8-2.500-8-5.500S7 4 12 4zM7.500 14c-2 1-2 3.500 0 4s2 2 1 3", presses: true },
  { does: "brush", name: "Paint accounts", drawing: "M20 4c-6 2-10 6-11 9l2 2c3-1 7-5 9-11zM8 14c-3 0-3 3-5 5 3 1 7 0 7-3", presses: true },
];

/**
 * @param {(does: string) => void} act
 * @returns {HTMLElement}
 */
export function toolbar(act) {
  const bar = document.createElement("div");
  bar.className = "map-tools";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Map");
  for (const { does, name, drawing, presses } of BUTTONS) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.does = does;
    button.title = name;
    button.setAttribute("aria-label", name);
    if (presses) button.setAttribute("aria-pressed", "false");
    button.hidden = does === "brush";
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", drawing);
    svg.append(path);
    button.append(svg);
    button.addEventListener("click", () => act(does));
    bar.append(button);
  }
  return bar;
}

/**
 * Show which tool is in use.
 * @param {HTMLElement} bar @param {string} tool
 */
export function press(bar, tool) {
  for (const button of bar.querySelectorAll("[aria-pressed]")) {
    button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.does === tool));
  }
}

/**
 * Offer a tool, or not.
 * @param {HTMLElement} bar @param {string} does @param {boolean} offered @param {string} [name]
 */
export function offer(bar, does, offered, name) {
  const button = /** @type {HTMLElement | null} */ (bar.querySelector(`[data-does="${does}"]`));
  if (!button) return;
  button.hidden = !offered;
  if (name) {
    button.title = name;
    button.setAttribute("aria-label", name);
  }
}
