// @ts-check
/**
 * `<rep-map>`: somebody's own accounts on a map that is only looked at.
 *
 * Attributes: `geometry` (JSON: layer → address) and `book` (the address of `/people/<id>/book-map.json`).
 * Events: those of `<plan-map>`; `map:selected` {ids} when an account is clicked.
 */

import { json } from "./map/loading.js";
import { NOBODY } from "./map/places.js";
import { PlanMap } from "./plan-map.js";

export class RepMap extends PlanMap {
  /** @param {AbortSignal} signal */
  async load(signal) {
    const book = await json(this.getAttribute("book") ?? "", signal);
    this.ids = book.ids;
    this.names = book.names;
    return {
      degrees: Float32Array.from(book.places, (/** @type {number | null} */ part) => part ?? NaN),
      owners: Uint16Array.from(book.owners, (/** @type {number | null} */ owner) => owner ?? NOBODY),
      territories: book.territories,
    };
  }
}

customElements.define("rep-map", RepMap);
