// @ts-check
/** The map in step with the rest: its choice is everybody's, and it shows what is moved before and after it is. */

export class MapSide {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    this.element = /** @type {any} */ (bench.querySelector("plan-map"))
    if (!this.element) return
    const signal = bench.signal
    this.element.addEventListener("map:selected", (/** @type {CustomEvent} */ event) => bench.select(event.detail.ids, { from: "map" }), { signal })
    this.element.addEventListener("map:brushed", (/** @type {CustomEvent} */ event) => {
      this.shown = event.detail.ids
      bench.select(event.detail.ids, { from: "map" })
      bench.panel?.open(event.detail.ids, event.detail.territory)
    }, { signal })
    bench.addEventListener("workbench:selected", (event) => {
      const { ids, from } = /** @type {CustomEvent} */ (event).detail
      if (from !== "map") this.element.selection = ids
    }, { signal })
    bench.addEventListener("workbench:picked", (event) => this.pick(/** @type {CustomEvent} */ (event).detail.territory), { signal })
  }

  /** @param {string} territory */
  pick(territory) {
    this.element.picked = territory ? [territory] : []
    if (territory && this.bench.mayMove) this.element.setAttribute("brush-to", territory)
    else this.element.removeAttribute("brush-to")
  }

  /** Show accounts where they would be; none: where they are. @param {string[]} ids @param {string} territory */
  consider(ids, territory) {
    if (!this.element) return
    if (this.shown) this.back()
    if (!ids.length) return
    this.kept = this.element.owners.slice()
    this.shown = ids
    this.element.move(ids, territory)
  }

  back() {
    if (this.kept && this.kept.length === this.element.owners.length) this.element.owners = this.kept
    else this.refresh()
    this.kept = this.shown = undefined
  }

  /** @param {string[]} ids @param {string} territory */
  moved(ids, territory) {
    this.kept = this.shown = undefined
    this.element?.move(ids, territory)
  }

  refresh() {
    this.kept = this.shown = undefined
    return this.element?.refresh()
  }

  /** What others moved: index of a territory → accounts; null where all is to be asked anew. @param {Record<string, number[]> | null} moved */
  heard(moved) {
    if (!this.element) return
    if (moved === null) return void this.refresh()
    for (const owners of [this.kept, this.element.owners]) {
      if (!owners) continue
      for (const [index, accounts] of Object.entries(moved)) for (const account of accounts) owners[account] = Number(index)
    }
    this.element.owners = this.element.owners
  }

  /** @param {string[]} ids */
  fit(ids) {
    this.element?.fitTo?.(ids)
  }
}
