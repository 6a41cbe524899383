// @ts-check
/** The dialogs of the workbench, and the buttons that need none. */

export class Dialogs {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    this.territory = ""
    bench.addEventListener("click", (event) => this.click(event), { signal: bench.signal })
    const paste = /** @type {HTMLFormElement | null} */ (bench.querySelector("#wb-paste"))
    paste?.addEventListener("submit", (event) => {
      event.preventDefault()
      this.paste(paste)
    }, { signal: bench.signal })
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = /** @type {HTMLElement} */ (event.target)
    const opener = target.closest("[data-dialog]")
    if (opener) return this.open(opener.getAttribute("data-dialog") ?? "", opener)
    const closer = target.closest("[data-close]")
    if (closer) {
      event.preventDefault()
      return closer.closest("dialog")?.close()
    }
    const deed = target.closest("[data-do]")?.getAttribute("data-do")
    if (deed) this.act(deed)
  }

  /** @param {string} name @param {Element} opener */
  open(name, opener) {
    const dialog = /** @type {HTMLDialogElement | null} */ (this.bench.querySelector(`#dialog-${name}`))
    if (!dialog) return
    for (const said of dialog.querySelectorAll(".refusal")) /** @type {HTMLElement} */ (said).hidden = true
    if (name === "territory") this.about(dialog, opener.closest("[data-territory]")?.getAttribute("data-territory") ?? "")
    dialog.showModal()
  }

  /** @param {HTMLDialogElement} dialog @param {string} territory */
  about(dialog, territory) {
    this.territory = territory
    for (const form of dialog.querySelectorAll("form")) form.reset()
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (dialog.querySelectorAll("[name=territory], [name=territories]"))) field.value = territory
    for (const link of dialog.querySelectorAll("a[data-about]")) link.setAttribute("href", link.getAttribute("data-about") + encodeURIComponent(territory))
    const title = dialog.querySelector("h2")
    if (title) title.textContent = territory
    const name = /** @type {HTMLInputElement | null} */ (dialog.querySelector("#rename-to"))
    if (name) name.value = territory
    const names = this.bench.territories?.all.map((one) => one.name).filter((one) => one !== territory) ?? []
    for (const select of dialog.querySelectorAll("select")) {
      const [none] = select.options
      select.replaceChildren(none, ...names.map((one) => new Option(one)))
    }
  }

  /** @param {string} deed */
  async act(deed) {
    const chosen = [...this.bench.selection]
    if (deed === "move") this.bench.panel?.open(chosen)
    else if (deed === "clear") this.bench.select([])
    else if (deed === "split") {
      const dialog = /** @type {HTMLDialogElement | null} */ (this.bench.querySelector("#dialog-split"))
      const field = /** @type {HTMLTextAreaElement | null} */ (dialog?.querySelector("[name=accounts]") ?? null)
      if (field) field.value = field.defaultValue = chosen.join("\n")
      dialog?.showModal()
    } else if (deed === "lock" || deed === "unlock") {
      const body = new URLSearchParams({ kind: deed, accounts: chosen.join("\n"), revision: String(this.bench.revision) })
      const form = document.createElement("form")
      const { answer, told } = await this.bench.changes.post(`${this.bench.base}/changes`, body, form)
      if (answer?.ok) this.bench.changes.done(form, told)
      else if (answer) await this.bench.changes.refused(form, answer.status, told.detail)
    } else if (deed === "choose-territory" || deed === "fit-territory") {
      await this.bench.accounts?.chooseAll(new URLSearchParams({ territory: this.territory }).toString())
      if (deed === "fit-territory") this.bench.map?.fit([...this.bench.selection])
      this.bench.querySelector("dialog[open]")?.close()
    }
  }

  /** @param {HTMLFormElement} form */
  async paste(form) {
    const place = /** @type {HTMLElement} */ (form.querySelector("#paste-said"))
    const { answer, told } = await this.bench.changes.post(form.action, new URLSearchParams(/** @type {any} */ (new FormData(form))), null)
    if (!answer?.ok) {
      place.textContent = told.detail ?? "No connection; try again."
      return
    }
    this.bench.select(told.ids, { from: "paste" })
    this.bench.map?.fit(told.ids)
    place.replaceChildren(Object.assign(document.createElement("p"), { textContent: told.says }))
    for (const [title, names] of [["Not found", told.missing], ["Fit several accounts", told.several]]) {
      if (!names.length) continue
      const more = document.createElement("details")
      more.append(Object.assign(document.createElement("summary"), { textContent: title }), Object.assign(document.createElement("pre"), { textContent: names.join("\n") }))
      place.append(more)
    }
    if (!told.missing.length && !told.several.length) {
      form.closest("dialog")?.close()
      this.bench.say(told.says)
    }
  }
}
