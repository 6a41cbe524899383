// @ts-check
/** Counties painted in the colour of the territory with most of their accounts. */

import { NOBODY } from "./places.js";

export class Areas {
  /**
   * @param {any} map
   * @param {Uint16Array} counties the county of each account, by its id in the layer
   */
  constructor(map, counties) {
    this.map = map;
    this.counties = counties;
    /** County → what it shows, as one number. @type {Map<number, number>} */
    this.shown = new Map();
  }

  /**
   * Paint what has changed.
   * @param {Uint16Array} owners @param {number[]} colours of each territory @param {Set<number>} picked
   */
  paint(owners, colours, picked) {
    const wanted = new Map();
    for (const [county, territory] of majorities(this.counties, owners)) {
      const strength = !picked.size || picked.has(territory) ? 1 : 0;
      wanted.set(county, 2 * (colours[territory] ?? 10) + strength);
    }
    for (const county of this.shown.keys()) if (!wanted.has(county)) this.set(county, { strength: 0 });
    for (const [county, look] of wanted) {
      if (this.shown.get(county) !== look) this.set(county, { colour: look >> 1, strength: look & 1 ? 0.55 : 0.1 });
    }
    this.shown = wanted;
  }

  /** Paint nothing. */
  clear() {
    for (const county of this.shown.keys()) this.set(county, { strength: 0 });
    this.shown = new Map();
  }

  /** @param {number} county @param {object} state */
  set(county, state) {
    this.map.setFeatureState({ source: "us-counties", id: county }, state);
  }
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
