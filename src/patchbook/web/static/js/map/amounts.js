// @ts-check
/** How much of a measure lies where: by county in five classes, or as heat. */

import { NOBODY } from "./places.js";

export const CLASSES = 5;
const CELL_DEGREES = 0.2;

/**
 * Area → the sum of a measure over its accounts.
 * @param {Uint16Array} areas @param {Float32Array} values @param {(account: number) => boolean} counts
 * @returns {Map<number, number>}
 */
export function sums(areas, values, counts) {
  const found = new Map();
  for (let account = 0; account < areas.length; account++) {
    const value = values[account];
    if (areas[account] === NOBODY || !Number.isFinite(value) || !counts(account)) continue;
    found.set(areas[account], (found.get(areas[account]) ?? 0) + value);
  }
  return found;
}

/**
 * The lower bounds of classes with as many areas each as equal amounts allow; the first is the least there is.
 * @param {Iterable<number>} amounts
 */
export function bounds(amounts) {
  const sorted = [...amounts].sort((one, other) => one - other);
  const found = [];
  for (let step = 0; step < CLASSES && sorted.length; step++) {
    const bound = sorted[Math.floor((step * sorted.length) / CLASSES)];
    if (bound !== found[found.length - 1]) found.push(bound);
  }
  return found;
}

/**
 * The class of an amount; the last class is the darkest, however few there are.
 * @param {number} amount @param {number[]} lower
 */
export function classOf(amount, lower) {
  let found = 0;
  while (found + 1 < lower.length && amount >= lower[found + 1]) found += 1;
  return CLASSES - lower.length + found;
}

/**
 * A measure as points of heat, a point a square: a hundred thousand accounts are some thousand squares.
 * @param {import("./places.js").Places} places @param {Float32Array} values @param {(account: number) => boolean} counts
 */
export function heat(places, values, counts) {
  /** @type {Map<string, [number, number, number]>} */
  const squares = new Map();
  for (let account = 0; account < places.count; account++) {
    const longitude = places.degrees[2 * account], latitude = places.degrees[2 * account + 1], value = values[account];
    if (!Number.isFinite(longitude) || !(value > 0) || !counts(account)) continue;
    const column = Math.floor(longitude / CELL_DEGREES), row = Math.floor(latitude / CELL_DEGREES);
    const square = squares.get(`${column} ${row}`) ?? [(column + 0.5) * CELL_DEGREES, (row + 0.5) * CELL_DEGREES, 0];
    square[2] += value;
    squares.set(`${column} ${row}`, square);
  }
  const amounts = [...squares.values()].map(([, , amount]) => amount).sort((one, other) => one - other);
  // A single giant does not make the rest cold.
  const much = amounts[Math.floor(amounts.length * 0.95)] || 1;
  const features = [...squares.values()].map(([longitude, latitude, amount]) => ({
    type: "Feature",
    properties: { weight: Math.min(1, amount / much) },
    geometry: { type: "Point", coordinates: [longitude, latitude] },
  }));
  return { type: "FeatureCollection", features };
}
