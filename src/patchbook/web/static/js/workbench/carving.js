// @ts-check
/** The dialog of a carve: settings, how far it is, and the result beside what is there. */

const LOOKED_EVERY_MS = 500

export class Carving {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    this.dialog = /** @type {HTMLDialogElement | null} */ (bench.querySelector("#dialog-carve"))
    this.place = bench.querySelector("#wb-carve")
    bench.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target)
      if (target.closest("[data-panel=carve], [data-again]") && !event.ctrlKey && !event.metaKey) {
        event.preventDefault()
        this.open()
      } else if (target.closest("#dialog-carve [data-close]")) {
        event.preventDefault()
        this.dialog?.close()
      }
    }, { signal: bench.signal })
    bench.signal?.addEventListener("abort", () => clearTimeout(this.waiting))
  }

  async open() {
    await this.show()
    if (this.dialog && !this.dialog.open) this.dialog.showModal()
  }

  async show() {
    clearTimeout(this.waiting)
    const text = await this.bench.part(`${this.bench.base}/carve`)
    if (text === null || !this.place) return
    const parsed = new DOMParser().parseFromString(text, "text/html")
    this.place.replaceChildren(...parsed.body.children)
    if (this.place.querySelector("[data-running]")) {
      this.waiting = setTimeout(() => this.dialog?.open && this.show(), LOOKED_EVERY_MS)
    }
  }

  /** Where a form of the dialog leads: on in the dialog, or back to the plan. @param {string} location @param {HTMLFormElement} form */
  went(location, form) {
    if (location.endsWith("/carve")) return this.show()
    if (form.action.endsWith("/take")) return window.location.reload()
    this.dialog?.close()
  }
}
