// @ts-check
/** The style of the map: land and borders from our own files, more of them the closer one looks. */

import { COLOURS } from "./theme.js";

/** Where the numbers of `areaColour` begin that stand for little to much, and the one for what is missing. */
export const RAMP = 20;
export const GAP = 30;

/** @typedef {import("./theme.js").Theme} Theme */

const US = ["840", "630"];
const EMPTY = { type: "FeatureCollection", features: [] };

/** From which zoom a layer is worth its bytes. */
export const FROM_ZOOM = { "countries-coarse": 0, "us-states": 0, countries: 3, admin1: 4.2, "us-counties": 5 };

const FINER_ABROAD = ["countries", "admin1"];

/** The layer that accounts are drawn under: names stay on top. */
export const ABOVE_ACCOUNTS = "names";

/**
 * The style of a map before anything is known.
 * @param {Theme} theme
 */
export function styleOf(theme) {
  const abroad = ["!", ["in", ["get", "code"], ["literal", US]]];
  /** @type {any} */
  const style = {
    version: 8,
    sources: {
      "countries-coarse": { type: "geojson", data: EMPTY, tolerance: 0.2 },
      "us-states": { type: "geojson", data: EMPTY, tolerance: 0.2 },
      countries: { type: "geojson", data: EMPTY },
      admin1: { type: "geojson", data: EMPTY },
      "us-counties": { type: "geojson", data: EMPTY, tolerance: 0 },
      heat: { type: "geojson", data: EMPTY },
      names: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "water", type: "background" },
      { id: "coarse-land", type: "fill", source: "countries-coarse", filter: abroad },
      { id: "land", type: "fill", source: "countries", filter: abroad },
      { id: "states", type: "fill", source: "us-states" },
      { id: "county-land", type: "fill", source: "us-counties", minzoom: FROM_ZOOM["us-counties"] },
      { id: "held", type: "fill", source: "us-counties", paint: { "fill-antialias": false } },
      { id: "parts", type: "line", source: "admin1", filter: ["!=", ["slice", ["get", "code"], 0, 3], "US-"] },
      { id: "counties", type: "line", source: "us-counties", minzoom: FROM_ZOOM["us-counties"] },
      { id: "coarse-borders", type: "line", source: "countries-coarse", filter: abroad },
      { id: "borders", type: "line", source: "countries", filter: abroad },
      { id: "state-borders", type: "line", source: "us-states" },
      {
        id: "heat",
        type: "heatmap",
        source: "heat",
        paint: {
          "heatmap-weight": ["get", "weight"],
          "heatmap-radius": ["interpolate", ["exponential", 2], ["zoom"], 3, 14, 9, 300],
          "heatmap-opacity": 0.85,
        },
      },
      {
        id: "names",
        type: "symbol",
        source: "names",
        layout: {
          "text-field": ["get", "text"],
          "text-font": ["system-ui, sans-serif"],
          "text-size": ["interpolate", ["linear"], ["zoom"], 3, 11, 7, 14],
          "text-max-width": 9,
          "text-padding": 4,
          "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
          "symbol-sort-key": ["get", "rank"],
        },
      },
    ],
  };
  for (const [id, name, value] of paints(theme)) {
    const layer = style.layers.find((/** @type {{id: string}} */ one) => one.id === id);
    layer.paint = { ...layer.paint, [name]: value };
  }
  return style;
}

/**
 * What the theme decides: a layer, a property, its value.
 * @param {Theme} theme
 * @returns {[string, string, any][]}
 */
export function paints(theme) {
  const thin = ["interpolate", ["linear"], ["zoom"], 3, 0.6, 8, 1.6];
  return [
    ["water", "background-color", theme.water],
    ["coarse-land", "fill-color", theme.land],
    ["land", "fill-color", theme.land],
    ["states", "fill-color", theme.land],
    ["county-land", "fill-color", theme.land],
    ["held", "fill-color", areaColour(theme)],
    ["held", "fill-opacity", ["coalesce", ["feature-state", "strength"], 0]],
    ["parts", "line-color", theme.fineLine],
    ["parts", "line-width", 0.8],
    ["counties", "line-color", theme.fineLine],
    ["counties", "line-width", 0.7],
    ["coarse-borders", "line-color", theme.line],
    ["coarse-borders", "line-width", thin],
    ["borders", "line-color", theme.line],
    ["borders", "line-width", thin],
    ["state-borders", "line-color", theme.line],
    ["state-borders", "line-width", thin],
    ["heat", "heatmap-color", heatColour(theme)],
    ["names", "text-color", theme.ink],
    ["names", "text-halo-color", theme.halo],
    ["names", "text-halo-width", 1.6],
  ];
}

/** @param {Theme} theme */
function heatColour(theme) {
  const steps = theme.ramp.flatMap((colour, step) => [0.15 + step * 0.2, colour]);
  // Through the palest colour and not through black, which would ring every place.
  return ["interpolate", ["linear"], ["heatmap-density"], 0, `${theme.ramp[0]}00`, ...steps];
}

/**
 * The colour of an area by the number in its state.
 * @param {Theme} theme
 */
function areaColour(theme) {
  const cases = theme.territories.flatMap((colour, number) => [number, colour]);
  cases.push(...theme.ramp.flatMap((colour, step) => [RAMP + step, colour]), GAP, theme.warn);
  return ["match", ["coalesce", ["feature-state", "colour"], -1], ...cases, theme.territories[COLOURS]];
}

/**
 * Let a map load what its zoom is worth, now and as it changes; counties also when they are painted.
 *
 * Outlines are fetched here and not by the map's worker, which is given them as they are: a worker has a security policy
 * of its own, and ours lets it fetch nothing.
 * @param {any} map
 * @param {{fetch: (layer: string) => Promise<any>, missing: (error: Error) => void, paintsCounties: () => boolean,
 *   isAbroad: boolean}} about `isAbroad`: whether most accounts lie beyond the United States
 */
export function loadOnZoom(map, about) {
  const loaded = new Set();
  const look = () => {
    for (const [layer, zoom] of Object.entries(FROM_ZOOM)) {
      const wanted = map.getZoom() >= zoom || (layer === "us-counties" && about.paintsCounties());
      if (!wanted || loaded.has(layer)) continue;
      // A look at the whole of the United States needs nobody else's finer borders.
      const { lng, lat } = map.getCenter();
      if (FINER_ABROAD.includes(layer) && map.getZoom() < 6 && !about.isAbroad && isAmerican(lng, lat)) continue;
      loaded.add(layer);
      about.fetch(layer).then((outlines) => lay(map, layer, outlines), about.missing);
    }
  };
  map.on("moveend", look);
  look();
  return look;
}

/** @param {any} map @param {string} layer @param {any} outlines */
function lay(map, layer, outlines) {
  const source = map.getSource(layer);
  if (!source || !outlines) return;
  source.setData(outlines);
  if (layer === "countries") map.once("idle", () => map.getLayer("coarse-land") && hideCoarse(map));
}

/** @param {any} map */
function hideCoarse(map) {
  for (const layer of ["coarse-land", "coarse-borders"]) map.setLayoutProperty(layer, "visibility", "none");
}

/** @param {number} longitude @param {number} latitude */
export function isAmerican(longitude, latitude) {
  return longitude > -170 && longitude < -65 && latitude > 17 && latitude < (longitude < -130 ? 72 : 50);
}

/**
 * The names of territories where they are to be written, the largest first.
 * @param {{name: string, accounts: number}[]} territories
 * @param {([number, number] | null)[]} middles
 */
export function namesOf(territories, middles) {
  const features = territories
    .map(({ name, accounts }, index) => ({
      type: "Feature",
      properties: { text: name, rank: -accounts },
      geometry: { type: "Point", coordinates: middles[index] },
    }))
    .filter((feature) => feature.geometry.coordinates !== null);
  return { type: "FeatureCollection", features };
}
