// @ts-check
/** The tree of territories: a click looks at one, rows dropped on one are moved there. */

export class Territories {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    const signal = bench.signal
    bench.addEventListener("click", (event) => this.click(event), { signal })
    bench.addEventListener("workbench:picked", () => this.mark(), { signal })
    bench.addEventListener("workbench:shown", () => this.mark(), { signal })
    bench.addEventListener("dragover", (event) => this.over(event), { signal })
    bench.addEventListener("dragleave", () => this.over(null), { signal })
    bench.addEventListener("drop", (event) => this.drop(event), { signal })
    this.mark()
  }

  /** Every territory with its person and colour, as the tree shows them. */
  get all() {
    return [...this.bench.querySelectorAll("#wb-tree .leaf")].map((leaf) => ({
      name: leaf.getAttribute("data-territory") ?? "",
      who: leaf.querySelector(".t-who")?.textContent?.trim() ?? "",
      chip: leaf.querySelector(".chip")?.className ?? "chip",
      accounts: leaf.querySelector(".t-count")?.textContent ?? "",
    }))
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = /** @type {HTMLElement} */ (event.target)
    const link = target.closest("#wb-tree .pick, #wb-grid [data-cell]")
    if (!link || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const name = link.closest("[data-territory]")?.getAttribute("data-territory") ?? ""
    const cell = link.getAttribute("data-cell")
    if (cell !== null) {
      this.bench.picked = name
      this.mark()
      this.bench.accounts?.narrow({ territory: name, segment: cell, page: "" })
    } else this.bench.pick(this.bench.picked === name ? "" : name)
  }

  mark() {
    for (const leaf of this.bench.querySelectorAll("#wb-tree .leaf")) {
      const picked = leaf.getAttribute("data-territory") === this.bench.picked
      leaf.classList.toggle("picked", picked)
      leaf.querySelector(".pick")?.toggleAttribute("aria-current", picked)
      if (picked) leaf.querySelector(".pick")?.setAttribute("aria-current", "true")
    }
  }

  /** @param {DragEvent | null} event */
  over(event) {
    const place = event && this.bench.dragging ? /** @type {HTMLElement} */ (event.target).closest?.("#wb-tree .leaf, #wb-grid tr[data-territory]") : null
    for (const other of this.bench.querySelectorAll(".over")) other.classList.toggle("over", other === place)
    if (!place || !event) return
    place.classList.add("over")
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = "move"
  }

  /** @param {DragEvent} event */
  drop(event) {
    const place = /** @type {HTMLElement} */ (event.target).closest?.("#wb-tree .leaf, #wb-grid tr[data-territory]")
    this.over(null)
    if (!place || !this.bench.dragging) return
    event.preventDefault()
    this.bench.panel?.open([...this.bench.selection], place.getAttribute("data-territory") ?? "")
  }
}
