// @ts-check
// <rule-editor src="/plans/…/rules" number="3"> around a textarea and a place `.told`: proposes fields, operators and
// values while a condition is written (Ctrl-Space asks for them), and says what it means, how many accounts meet it, and
// where it is wrong. Without this the textarea is one of a form like any other.

import { context } from "./rule-words.js"

const PAUSE_MS = 250

/** @typedef {{ text: string, note: string }} Proposal */

class RuleEditor extends HTMLElement {
  /** @type {AbortController | null} */
  #asking = null
  /** @type {AbortController | null} */
  #proposing = null
  /** @type {Promise<any[]> | null} */
  #fields = null
  /** @type {Proposal[]} */
  #proposals = []
  #chosen = -1
  #timer = 0

  connectedCallback() {
    const area = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"))
    this.area = area
    this.told = /** @type {HTMLElement} */ (this.querySelector(".told"))
    this.list = document.createElement("ul")
    this.list.className = "proposals"
    this.list.id = `${area.id}-proposals`
    this.list.hidden = true
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-label", "What can stand here")
    area.after(this.list)
    area.setAttribute("aria-autocomplete", "list")
    area.setAttribute("aria-controls", this.list.id)
    area.addEventListener("input", this.#typed)
    area.addEventListener("keydown", this.#key)
    area.addEventListener("blur", () => this.#close())
    // A press on a proposal must not take the focus from the text.
    this.list.addEventListener("mousedown", (event) => event.preventDefault())
    this.list.addEventListener("click", this.#pressed)
  }

  disconnectedCallback() {
    clearTimeout(this.#timer)
    this.#asking?.abort()
    this.#proposing?.abort()
  }

  #typed = () => {
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#check(), PAUSE_MS)
    this.#propose(false)
  }

  async #check() {
    this.#asking?.abort()
    const asking = (this.#asking = new AbortController())
    const asked = new URLSearchParams({ where: this.area.value })
    const number = this.getAttribute("number")
    if (number) asked.set("number", number)
    this.told.setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(`${this.getAttribute("src")}/condition?${asked}`, { signal: asking.signal, headers: { Accept: "application/json" } })
      if (!answer.ok) throw new Error(String(answer.status))
      this.#tell(await answer.json())
    } catch (error) {
      if (asking.signal.aborted) return
      this.told.replaceChildren(paragraph("What it means could not be asked; it is checked when you save.", "hint"))
    }
    this.told.removeAttribute("aria-busy")
  }

  /** @param {any} found */
  #tell(found) {
    const shown = []
    if (found.problem) {
      shown.push(paragraph(found.problem, "refusal"), this.#marked(found))
      this.area.setAttribute("aria-invalid", "true")
      if (found.nearest) shown.push(this.#instead(found))
    } else {
      this.area.removeAttribute("aria-invalid")
      if (found.words) shown.push(paragraph(`${found.words}.`, "words"))
      shown.push(paragraph(found.says, "counts"))
    }
    this.told.replaceChildren(...shown)
    this.dispatchEvent(new CustomEvent("rule:checked", { bubbles: true, detail: found }))
  }

  /** @param {any} found the text with the place that is wrong marked */
  #marked(found) {
    const text = this.area.value
    const end = Math.max(found.start + found.length, found.start + 1)
    const mark = document.createElement("mark")
    mark.textContent = text.slice(found.start, end) || " "
    const place = document.createElement("pre")
    place.className = "marked"
    place.append(text.slice(Math.max(0, found.start - 60), found.start), mark, text.slice(end, end + 60))
    return place
  }

  /** @param {any} found */
  #instead(found) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "small"
    button.textContent = `Write ${found.nearest} instead`
    button.addEventListener("click", () => {
      const offending = this.area.value.slice(found.start, found.start + found.length)
      const quoted = offending.startsWith("'") ? `'${found.nearest}'` : found.nearest
      this.area.setRangeText(quoted, found.start, found.start + found.length, "end")
      this.area.focus()
      this.#check()
    })
    return button
  }

  /** @param {boolean} asked whether somebody asked for them */
  async #propose(asked) {
    this.#proposing?.abort()
    const proposing = (this.#proposing = new AbortController())
    const here = context(this.area.value, this.area.selectionStart)
    if (!asked && !here.partial && here.wants !== "value") return this.#close()
    try {
      const found = here.wants === "value" && here.field ? await this.#values(here, proposing.signal) : await this.#names(here)
      if (proposing.signal.aborted) return
      this.#open(found.filter((one) => one.text !== here.partial).slice(0, 40), here.start)
    } catch (error) {
      if (!proposing.signal.aborted) this.#close()
    }
  }

  /** @param {ReturnType<typeof context>} here @param {AbortSignal} signal @returns {Promise<Proposal[]>} */
  async #values(here, signal) {
    const asked = new URLSearchParams({ field: here.field, text: here.partial })
    const answer = await fetch(`${this.getAttribute("src")}/values?${asked}`, { signal, headers: { Accept: "application/json" } })
    const { values } = await answer.json()
    return values.map((/** @type {any} */ one) => ({ text: one.value, note: Number(one.accounts).toLocaleString() }))
  }

  /** @param {ReturnType<typeof context>} here @returns {Promise<Proposal[]>} */
  async #names(here) {
    this.#fields ??= fetch(`${this.getAttribute("src")}/fields`, { headers: { Accept: "application/json" } })
      .then((answer) => answer.json())
      .then((told) => told.fields)
    const fields = await this.#fields
    const known = fields.find((one) => one.name.toLowerCase() === here.field.toLowerCase())
    /** @type {Proposal[]} */
    let found = fields.map((one) => ({ text: one.name, note: one.type }))
    if (here.wants === "operator") found = (known?.operators ?? ["=", "<>", "IN (", "IS NULL"]).map((/** @type {string} */ text) => ({ text, note: "" }))
    if (here.wants === "joint") found = ["AND", "OR"].map((text) => ({ text, note: "" }))
    if (here.wants === "field") found.push({ text: "NOT", note: "" })
    const wanted = here.partial.toLowerCase()
    return found
      .filter((one) => one.text.toLowerCase().includes(wanted))
      .sort((one, other) => Number(other.text.toLowerCase().startsWith(wanted)) - Number(one.text.toLowerCase().startsWith(wanted)))
  }

  /** @param {Proposal[]} proposals @param {number} start */
  #open(proposals, start) {
    this.#proposals = proposals
    this.start = start
    this.list.hidden = proposals.length === 0
    this.list.replaceChildren(
      ...proposals.map((one, place) => {
        const item = document.createElement("li")
        item.id = `${this.list.id}-${place}`
        item.setAttribute("role", "option")
        item.textContent = one.text
        const note = document.createElement("small")
        note.textContent = one.note
        item.append(note)
        return item
      }),
    )
    this.#choose(proposals.length ? 0 : -1)
  }

  #close() {
    this.#proposing?.abort()
    this.list.hidden = true
    this.#choose(-1)
  }

  /** @param {number} place */
  #choose(place) {
    this.#chosen = place
    Array.from(this.list.children).forEach((item, at) => item.setAttribute("aria-selected", String(at === place)))
    const item = this.list.children[place]
    if (item) this.area.setAttribute("aria-activedescendant", item.id)
    else this.area.removeAttribute("aria-activedescendant")
    item?.scrollIntoView({ block: "nearest" })
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault()
      this.#propose(true)
      return
    }
    if (this.list.hidden) return
    const last = this.#proposals.length - 1
    if (event.key === "ArrowDown") this.#choose(this.#chosen === last ? 0 : this.#chosen + 1)
    else if (event.key === "ArrowUp") this.#choose(this.#chosen <= 0 ? last : this.#chosen - 1)
    else if (event.key === "Enter" || event.key === "Tab") this.#take(this.#chosen)
    else if (event.key === "Escape") this.#close()
    else return
    event.preventDefault()
  }

  /** @param {Event} event */
  #pressed = (event) => {
    const item = event.target instanceof Element ? event.target.closest("[role=option]") : null
    if (item) this.#take(Array.from(this.list.children).indexOf(item))
  }

  /** @param {number} place */
  #take(place) {
    const proposal = this.#proposals[place]
    if (!proposal) return this.#close()
    const space = proposal.text.endsWith("(") ? "" : " "
    this.area.setRangeText(proposal.text + space, this.start ?? 0, this.area.selectionEnd, "end")
    this.#close()
    this.area.focus()
    this.area.dispatchEvent(new Event("input", { bubbles: true }))
  }
}

/** @param {string} text @param {string} kind */
function paragraph(text, kind) {
  const made = document.createElement("p")
  made.className = kind
  made.textContent = text
  return made
}

customElements.define("rule-editor", RuleEditor)
