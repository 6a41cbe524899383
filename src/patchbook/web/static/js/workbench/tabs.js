// @ts-check
/** On a narrow screen one of map, accounts and territories at a time. */

export class Tabs {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    this.tabs = /** @type {HTMLElement[]} */ ([...bench.querySelectorAll(".wb-tabs [role=tab]")])
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.show(tab.getAttribute("aria-controls") ?? ""), { signal: bench.signal })
      tab.addEventListener("keydown", (event) => this.key(event), { signal: bench.signal })
    }
    const first = this.tabs.map((tab) => tab.getAttribute("aria-controls") ?? "").find((id) => bench.querySelector(`#${id}`))
    if (!bench.querySelector("#wb-view")) this.tabs.find((tab) => tab.id === "tab-map")?.remove()
    if (first) this.show(first)
  }

  /** @param {string} id */
  show(id) {
    for (const tab of this.tabs) {
      const is = tab.getAttribute("aria-controls") === id
      tab.setAttribute("aria-selected", String(is))
      tab.tabIndex = is ? 0 : -1
      this.bench.querySelector(`#${tab.getAttribute("aria-controls")}`)?.classList.toggle("shown", is)
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const there = this.tabs.filter((tab) => tab.isConnected)
    const next = there[(there.indexOf(/** @type {HTMLElement} */ (event.target)) + step + there.length) % there.length]
    next.focus()
    this.show(next.getAttribute("aria-controls") ?? "")
  }
}
