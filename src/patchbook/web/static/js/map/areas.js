// @ts-check
/** Counties painted in the colour of the territory with most of their accounts; empty ones paler, with their neighbours. */

import { NOBODY } from "./places.js";

/** An empty county goes with the nearest that has accounts, no farther than this. */
const NEAR_KM = 800;
const HELD = 0.62;
const AROUND = 0.3;
const DIMMED = 0.07;

/** @typedef {{colour: number, strength: number}} Look of an area: a number of `areaColour`, and how strong it is */

/** The counties as they are painted now. */
export class Areas {
  /**
   * @param {any} map
   * @param {Uint16Array} counties the county of each account, by its id in the layer
   * @param {any} outlines the layer
   */
  constructor(map, counties, outlines) {
    this.map = map;
    this.counties = counties;
    this.middles = new Map(outlines.features.map((/** @type {any} */ one) => [one.id, middleOf(one.geometry)]));
    /** @type {Map<number, Look>} */
    this.shown = new Map();
    /** Which counties have accounts, and for each that has none the nearest that has. */
    this.held = "";
    /** @type {Map<number, number>} */
    this.nearest = new Map();
  }

  /**
   * Paint these and nothing else; what looks the same already is left alone.
   * @param {Map<number, Look>} wanted
   */
  show(wanted) {
    const set = (/** @type {number} */ id, /** @type {object} */ look) => this.map.setFeatureState({ source: "us-counties", id }, look);
    for (const county of this.shown.keys()) if (!wanted.has(county)) set(county, { strength: 0 });
    for (const [county, look] of wanted) {
      const before = this.shown.get(county);
      if (before?.colour !== look.colour || before?.strength !== look.strength) set(county, look);
    }
    this.shown = wanted;
  }

  /**
   * Each county in the colour of the territory with most of its accounts.
   * @param {Uint16Array} owners @param {number[]} colours of each territory @param {Set<number>} picked
   */
  byOwner(owners, colours, picked) {
    const best = majorities(this.counties, owners);
    this.findNearest(best);
    const look = (/** @type {number} */ territory, /** @type {number} */ strength) => ({
      colour: colours[territory] ?? 10,
      strength: !picked.size || picked.has(territory) ? strength : DIMMED,
    });
    const wanted = new Map();
    for (const [county, territory] of best) wanted.set(county, look(territory, HELD));
    for (const [county, near] of this.nearest) wanted.set(county, look(best.get(near) ?? 0, AROUND));
    return wanted;
  }

  /** @param {Map<number, number>} best */
  findNearest(best) {
    const held = [...best.keys()].sort((one, other) => one - other);
    if (held.join() === this.held) return;
    this.held = held.join();
    this.nearest = new Map();
    const places = held.map((county) => this.middles.get(county) ?? [0, 0]);
    for (const [county, [longitude, latitude]] of this.middles) {
      if (best.has(county)) continue;
      const squeeze = Math.cos((latitude * Math.PI) / 180);
      let near = -1, least = (NEAR_KM / 111) ** 2;
      for (let at = 0; at < places.length; at++) {
        const distance = ((places[at][0] - longitude) * squeeze) ** 2 + (places[at][1] - latitude) ** 2;
        if (distance < least) [near, least] = [held[at], distance];
      }
      if (near >= 0) this.nearest.set(county, near);
    }
  }
}

/**
 * The middle of the box around an area's first ring, which is its largest.
 * @param {any} geometry
 * @returns {[number, number]}
 */
function middleOf(geometry) {
  const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0];
  let west = Infinity, east = -Infinity, south = Infinity, north = -Infinity;
  for (const [x, y] of ring) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  return [(west + east) / 2, (south + north) / 2];
}

/**
 * County → the territory with most of its accounts; of equals the first.
 * @param {Uint16Array} counties @param {Uint16Array} owners
 * @returns {Map<number, number>}
 */
export function majorities(counties, owners) {
  /** @type {Map<number, number>} */
  const held = new Map();
  for (let account = 0; account < counties.length; account++) {
    const county = counties[account], owner = owners[account];
    if (county === NOBODY || owner === NOBODY) continue;
    const key = county * 65536 + owner;
    held.set(key, (held.get(key) ?? 0) + 1);
  }
  /** @type {Map<number, number>} */
  const most = new Map(), best = new Map();
  for (const [key, number] of [...held].sort(([one], [other]) => one - other)) {
    const county = Math.floor(key / 65536);
    if (number > (most.get(county) ?? 0)) {
      most.set(county, number);
      best.set(county, key % 65536);
    }
  }
  return best;
}
