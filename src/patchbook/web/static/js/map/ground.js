// @ts-check
/** The style of the map: land and borders from our own files, more of them the closer one looks. */

import { COLOURS } from "./theme.js";

/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {Record<string, string>} Urls layer of the geometry → where it is */

const US = ["840", "630"];
const EMPTY = { type: "FeatureCollection", features: [] };

/** From which zoom a layer is worth its bytes. */
export const FROM_ZOOM = { "us-counties": 5, admin1: 4.2, countries: 3 };

/** The layer that accounts are drawn under: names stay on top. */
export const ABOVE_ACCOUNTS = "names";

/**
 * The style of a map before anything of a plan is known.
 * @param {Urls} urls
 * @param {Theme} theme
 */
export function styleOf(urls, theme) {
  const at = (/** @type {string} */ layer) => (urls[layer] ? new URL(urls[layer], document.baseURI).href : EMPTY);
  const abroad = ["!", ["in", ["get", "code"], ["literal", US]]];
  /** @type {any} */
  const style = {
    version: 8,
    sources: {
      "countries-coarse": { type: "geojson", data: at("countries-coarse"), tolerance: 0.2 },
      "us-states": { type: "geojson", data: at("us-states"), tolerance: 0.2 },
      countries: { type: "geojson", data: EMPTY },
      admin1: { type: "geojson", data: EMPTY },
      "us-counties": { type: "geojson", data: EMPTY, tolerance: 0 },
      names: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "water", type: "background" },
      { id: "coarse-land", type: "fill", source: "countries-coarse", filter: abroad },
      { id: "land", type: "fill", source: "countries", filter: abroad },
      { id: "states", type: "fill", source: "us-states" },
      { id: "held", type: "fill", source: "us-counties", paint: { "fill-antialias": false } },
      { id: "parts", type: "line", source: "admin1", filter: ["!=", ["slice", ["get", "code"], 0, 3], "US-"] },
      { id: "counties", type: "line", source: "us-counties", minzoom: FROM_ZOOM["us-counties"] },
      { id: "coarse-borders", type: "line", source: "countries-coarse", filter: abroad },
      { id: "borders", type: "line", source: "countries", filter: abroad },
      { id: "state-borders", type: "line", source: "us-states" },
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
    ["names", "text-color", theme.ink],
    ["names", "text-halo-color", theme.halo],
    ["names", "text-halo-width", 1.6],
  ];
}

/**
 * The colour of an area by the number in its state.
 * @param {Theme} theme
 */
function areaColour(theme) {
  const cases = theme.territories.flatMap((colour, number) => [number, colour]);
  return ["match", ["coalesce", ["feature-state", "colour"], -1], ...cases, theme.territories[COLOURS]];
}

/**
 * Let a map load what its zoom is worth, now and as it changes; counties also when they are painted.
 * @param {any} map @param {Urls} urls
 * @param {{paintsCounties: () => boolean, isAbroad: boolean}} about whether most accounts lie beyond the United States
 */
export function loadOnZoom(map, urls, about) {
  const loaded = new Set();
  const look = () => {
    for (const [layer, zoom] of Object.entries(FROM_ZOOM)) {
      const counties = layer === "us-counties";
      const wanted = map.getZoom() >= zoom || (counties && about.paintsCounties());
      if (!wanted || loaded.has(layer) || !urls[layer]) continue;
      // A look at the United States needs nobody else's finer borders.
      if (!counties && !about.isAbroad && isAmerican(map.getCenter().lng, map.getCenter().lat)) continue;
      loaded.add(layer);
      map.getSource(layer).setData(new URL(urls[layer], document.baseURI).href);
      if (layer === "countries") map.once("idle", () => map.getLayer("coarse-land") && hideCoarse(map));
    }
  };
  map.on("moveend", look);
  look();
  return look;
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
 * The names of territories at their centres, the largest first.
 * @param {{name: string, person_name: string | null, accounts: number, latitude: number | null, longitude: number | null}[]} territories
 */
export function namesOf(territories) {
  const features = territories
    .filter((one) => one.latitude !== null && one.longitude !== null && one.accounts > 0)
    .map((one) => ({
      type: "Feature",
      properties: { text: one.name, rank: -one.accounts },
      geometry: { type: "Point", coordinates: [one.longitude, one.latitude] },
    }));
  return { type: "FeatureCollection", features };
}
