// @ts-check
/** The panel in which a move is thought over: where to, what it would do, why; nothing is moved before it says so. */

export class MovePanel {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    this.panel = /** @type {HTMLElement} */ (bench.querySelector("#wb-panel"))
    this.search = /** @type {HTMLInputElement} */ (bench.querySelector("#wb-to"))
    this.list = /** @type {HTMLElement} */ (bench.querySelector("#wb-targets"))
    this.place = /** @type {HTMLElement} */ (bench.querySelector("#wb-effect"))
    /** @type {string[]} */
    this.accounts = []
    this.target = ""
    const signal = bench.signal
    this.search?.addEventListener("input", () => this.narrow(), { signal })
    this.search?.addEventListener("keydown", (event) => this.key(event), { signal })
    this.list?.addEventListener("click", (event) => {
      const option = /** @type {HTMLElement} */ (event.target).closest("li")
      if (option) this.aim(option.dataset.name ?? "")
    }, { signal })
    this.panel?.addEventListener("click", (event) => {
      if (!/** @type {HTMLElement} */ (event.target).closest("[data-cancel]")) return
      event.preventDefault()
      this.close()
    }, { signal })
    bench.addEventListener("workbench:standing", () => this.isOpen && this.target && this.look(), { signal })
  }

  get isOpen() {
    return this.panel !== null && !this.panel.hidden
  }

  /** @param {string[]} accounts @param {string} [target] */
  open(accounts, target = "") {
    if (!this.panel || !this.bench.mayMove) return
    if (!accounts.length) return this.bench.say("Choose accounts first, in the table or on the map.")
    this.before = document.activeElement
    this.accounts = accounts
    this.target = ""
    this.place.replaceChildren()
    const count = accounts.length === 1 ? "1 account" : `${accounts.length.toLocaleString()} accounts`
    const title = this.bench.querySelector("#wb-panel-title")
    if (title) title.textContent = `${this.bench.right === "propose" ? "Propose to move" : "Move"} ${count}`
    this.panel.hidden = false
    this.bench.tabs?.show("wb-side")
    this.search.value = target
    this.narrow(target)
    this.search.focus()
    this.search.select()
  }

  close() {
    if (!this.isOpen) return
    this.panel.hidden = true
    this.place.replaceChildren()
    this.bench.map?.consider([], "")
    if (this.before instanceof HTMLElement && this.before.isConnected) this.before.focus()
  }

  /** Show the territories that fit what is typed; the first of them is aimed at once something is. @param {string} [exact] */
  narrow(exact) {
    const typed = this.search.value.trim().toLowerCase()
    const all = this.bench.territories?.all ?? []
    const fitting = all.filter((one) => exact !== undefined && exact !== "" ? one.name === exact : `${one.name} ${one.who}`.toLowerCase().includes(typed))
    fitting.sort((a, b) => Number(b.name.toLowerCase().startsWith(typed)) - Number(a.name.toLowerCase().startsWith(typed)))
    this.list.replaceChildren(...fitting.slice(0, 100).map((one, at) => {
      const option = document.createElement("li")
      option.id = `wb-target-${at}`
      option.role = "option"
      option.dataset.name = one.name
      const chip = Object.assign(document.createElement("span"), { className: one.chip })
      const who = Object.assign(document.createElement("small"), { textContent: `${one.who} ${one.accounts}` })
      option.append(chip, one.name, who)
      return option
    }))
    this.aim(typed && fitting.length ? fitting[0].name : "", 160)
  }

  /** @param {string} name @param {number} [wait] */
  aim(name, wait = 0) {
    for (const option of /** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("li"))) {
      const is = option.dataset.name === name && name !== ""
      option.setAttribute("aria-selected", String(is))
      if (is) {
        this.search.setAttribute("aria-activedescendant", option.id)
        option.scrollIntoView({ block: "nearest" })
      }
    }
    if (name === this.target) return
    this.target = name
    clearTimeout(this.waiting)
    this.place.replaceChildren()
    this.bench.map?.consider(name ? this.accounts : [], name)
    if (name) this.waiting = setTimeout(() => this.look(), wait)
  }

  /** Ask what the move would do. */
  async look() {
    const asked = (this.asked = {})
    const body = new URLSearchParams({ accounts: this.accounts.join("\n"), to: this.target })
    const typed = /** @type {HTMLInputElement | null} */ (this.place.querySelector("[name=why], [name=overrule]"))?.value
    let answer
    try {
      answer = await fetch(`${this.bench.base}/effect`, {
        method: "POST", body, signal: this.bench.signal,
        headers: { Accept: "text/html, application/problem+json", "HX-Request": "true" },
      })
    } catch {
      if (this.asked === asked) this.refuse("No connection; nothing was moved. Try again.")
      return
    }
    if (this.asked !== asked || !this.isOpen) return
    if (!answer.ok) return this.refuse((await answer.json().catch(() => ({}))).detail ?? `The server answered ${answer.status}.`)
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html")
    this.place.replaceChildren(...parsed.body.children)
    const field = /** @type {HTMLInputElement | null} */ (this.place.querySelector("[name=why], [name=overrule]"))
    if (field && typed) field.value = typed
    if (this.pressed) this.go()
  }

  /** @param {string} sentence */
  refuse(sentence) {
    const said = Object.assign(document.createElement("p"), { className: "refusal", textContent: sentence })
    said.setAttribute("role", "alert")
    this.place.replaceChildren(said)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const options = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("li")])
    const at = options.findIndex((option) => option.dataset.name === this.target)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key]
    if (next !== undefined) {
      event.preventDefault()
      if (options[next]) this.aim(options[next].dataset.name ?? "", 160)
    } else if (event.key === "Enter") {
      event.preventDefault()
      if (this.target) this.go()
    }
  }

  /** Move, once the effect is known; where a reason is needed, go there. */
  go() {
    const form = /** @type {HTMLFormElement | null} */ (this.place.querySelector("form"))
    this.pressed = !form && this.target !== ""
    if (!form) return
    const needed = /** @type {HTMLTextAreaElement | null} */ (form.querySelector("[required]"))
    if (needed && !needed.value.trim()) return needed.focus()
    const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("button.main"))
    if (button) form.requestSubmit(button)
  }
}
