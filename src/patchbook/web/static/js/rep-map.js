// @ts-check
/**
 * `<rep-map>`: somebody's own accounts on a map that is only looked at.
 *
 * Attribute: `book`, the address of `/people/<id>/book-map.json`, which also says where the ground is.
 * Events: those of `<plan-map>`; `map:selected` {ids} when an account is clicked.
 */

import { json } from "./map/loading.js";
import { NOBODY } from "./map/places.js";
import { PlanMap } from "./plan-map.js";

export class RepMap extends PlanMap {
  connectedCallback() {
    /** @type {Promise<any> | undefined} */
    this.fetched = undefined;
    super.connectedCallback();
  }

  get choosesMany() {
    return false;
  }

  /** @param {AbortSignal} signal */
  book(signal) {
    return (this.fetched ??= json(this.getAttribute("book") ?? "", signal));
  }

  /** @param {AbortSignal} signal */
  async geometry(signal) {
    return (await this.book(signal)).geometry;
  }

  /** @param {AbortSignal} signal */
  async load(signal) {
    const book = await this.book(signal);
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
