// @ts-check
/** The dialog of what is worked out beside the plan, a carve or a split: settings, how far it is, and the result. */

const LOOKED_EVERY_MS = 500

export class Carving {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    this.dialog = /** @type {HTMLDialogElement | null} */ (bench.querySelector("#dialog-carve"))
    this.place = bench.querySelector("#wb-carve")
    this.address = `${bench.base}/carve`
    bench.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target)
      const opener = target.closest("a[data-panel], [data-again]")
      if (opener && !event.ctrlKey && !event.metaKey) {
        event.preventDefault()
        opener.closest("dialog:not(#dialog-carve)")?.close()
        this.open(opener.getAttribute("href") ?? this.address)
      } else if (target.closest("#dialog-carve [data-close]")) {
        event.preventDefault()
        this.dialog?.close()
      }
    }, { signal: bench.signal })
    bench.signal?.addEventListener("abort", () => clearTimeout(this.waiting))
  }

  /** @param {string} address */
  async open(address) {
    this.address = address
    await this.show()
    const part = new URL(address, location.href).pathname.split("/").pop() ?? ""
    this.dialog?.setAttribute("aria-label", part.charAt(0).toUpperCase() + part.slice(1))
    if (this.dialog && !this.dialog.open) this.dialog.showModal()
  }

  async show() {
    clearTimeout(this.waiting)
    const text = await this.bench.part(this.address)
    if (text === null || !this.place) return
    const parsed = new DOMParser().parseFromString(text, "text/html")
    const active = document.activeElement
    const held = this.place.contains(active) ? active?.textContent : undefined
    this.place.replaceChildren(...parsed.body.children)
    if (held !== undefined || active === document.body) this.focus(held)
    if (this.place.querySelector("[data-running]")) {
      this.waiting = setTimeout(() => this.dialog?.open && this.show(), LOOKED_EVERY_MS)
    }
  }

  /** What had the focus has it again where it is still there; else the heading, so that it is read. @param {string | null | undefined} held */
  focus(held) {
    if (!this.dialog?.open) return
    const same = held ? [...(this.place?.querySelectorAll("button, a") ?? [])].find((one) => one.textContent === held) : null
    const heading = this.place?.querySelector("h2")
    heading?.setAttribute("tabindex", "-1")
    const wanted = /** @type {HTMLElement | null | undefined} */ (same ?? heading)
    wanted?.focus()
  }

  /** Where a form of the dialog leads: on in the dialog, or back to the plan. @param {string} location @param {HTMLFormElement} form */
  went(location, form) {
    if (form.action.endsWith("/take")) return window.location.reload()
    const other = form.closest("dialog")
    if (other !== this.dialog || !location.match(/\/(carve|split)$/)) other?.close()
    if (location.match(/\/(carve|split)$/)) return this.open(location)
  }
}
