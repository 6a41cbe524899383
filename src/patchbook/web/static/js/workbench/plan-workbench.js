// @ts-check
/**
 * `<plan-workbench>`: map, table, tree and panel of one draft in step.
 *
 * Attributes: `plan`, `revision`, `right` (edit, commit, propose, look), `me`, `carved`.
 * Events: `workbench:selected` {ids, from}, `workbench:picked` {territory}, `workbench:standing` {}. Whoever listens
 * learns of changes through them and asks for one by the methods here; the parts never call each other.
 */
import { Accounts } from "./accounts.js"
import { Carving } from "./carving.js"
import { Changes } from "./changes.js"
import { Dialogs } from "./dialogs.js"
import { Following } from "./following.js"
import { MapSide } from "./map-side.js"
import { MovePanel } from "./move-panel.js"
import "./person-picker.js"
import { Tabs } from "./tabs.js"
import { Territories } from "./territories.js"

export class PlanWorkbench extends HTMLElement {
  connectedCallback() {
    this.ending = new AbortController()
    this.signal = this.ending.signal
    this.plan = this.getAttribute("plan") ?? ""
    this.base = `/plans/${encodeURIComponent(this.plan)}`
    this.revision = Number(this.getAttribute("revision"))
    this.right = this.getAttribute("right") ?? "look"
    this.me = this.getAttribute("me") ?? ""
    /** @type {Set<string>} */
    this.selection = new Set()
    /** @type {string} */
    this.picked = new URLSearchParams(location.search).get("territory") ?? ""
    this.changes = new Changes(this)
    this.carving = new Carving(this)
    if (!this.hasAttribute("carved")) {
      this.following = new Following(this)
      return
    }
    this.accounts = new Accounts(this)
    this.territories = new Territories(this)
    this.panel = new MovePanel(this)
    this.map = new MapSide(this)
    this.dialogs = new Dialogs(this)
    this.tabs = new Tabs(this)
    this.following = new Following(this)
    // A form of the page that is sent as it is tells the plan as it is shown by now.
    this.addEventListener("submit", (event) => this.tellRevision(/** @type {HTMLFormElement} */ (event.target)), { capture: true, signal: this.signal })
    this.addEventListener("keydown", (event) => this.key(event), { signal: this.signal })
    document.addEventListener("keydown", (event) => event.target === document.body && this.key(event), { signal: this.signal })
  }

  disconnectedCallback() {
    this.ending?.abort()
    this.following?.end()
  }

  /** @param {HTMLFormElement} form */
  tellRevision(form) {
    const field = form.elements.namedItem("revision")
    if (field instanceof HTMLInputElement) field.value = String(this.revision)
  }

  get mayMove() {
    return this.right !== "look"
  }

  /**
   * Choose accounts: these alone, or these as well.
   * @param {Iterable<string>} ids @param {{add?: boolean, from?: string}} [how]
   */
  select(ids, { add = false, from = "" } = {}) {
    if (!this.mayMove) return
    this.selection = add ? new Set([...this.selection, ...ids]) : new Set(ids)
    this.tell("workbench:selected", { ids: this.selection, from })
  }

  /** @param {Iterable<string>} ids */
  unselect(ids) {
    for (const id of ids) this.selection.delete(id)
    this.tell("workbench:selected", { ids: this.selection, from: "" })
  }

  /** Look at one territory; at all of them without a name. @param {string} territory */
  pick(territory) {
    this.picked = territory
    this.tell("workbench:picked", { territory })
  }

  /** Say a sentence, or that something did not work. @param {string} sentence @param {boolean} [bad] */
  say(sentence, bad = false) {
    const place = this.querySelector("#wb-said")
    if (!place) return
    place.classList.toggle("bad", bad)
    place.textContent = sentence
    clearTimeout(this.saying)
    if (sentence && !bad) this.saying = setTimeout(() => (place.textContent = ""), 8000)
  }

  /** Take the parts that follow a change from the server; of several asked for at once the last one counts. */
  async catchUp() {
    const asked = (this.asked = {})
    const query = new URLSearchParams(this.accounts?.query ?? "")
    const here = new URLSearchParams(location.search)
    for (const name of ["view", "by"]) if (here.get(name)) query.set(name, here.get(name) ?? "")
    const text = await this.part(`${this.base}/standing?${query}`)
    if (text === null || this.asked !== asked) return
    this.put(text)
    const revision = Number(this.querySelector("#wb-figures")?.getAttribute("data-revision"))
    this.revision = Math.max(this.revision, revision)
    this.tell("workbench:standing", {})
  }

  /** A part of the page, or null where it did not come. @param {string} address @returns {Promise<string | null>} */
  async part(address) {
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html", "HX-Request": "true" }, signal: this.signal })
      if (answer.ok) return await answer.text()
      this.say(answer.status === 401 ? "Your session has ended; sign in again in another tab." : `The server answered ${answer.status}.`, true)
    } catch (error) {
      if (!this.signal?.aborted) this.say("No connection; what is shown may be old.", true)
    }
    return null
  }

  /** Put parts into their places, by id; what has the focus keeps it. @param {string} text */
  put(text) {
    const parsed = new DOMParser().parseFromString(text, "text/html")
    const active = document.activeElement
    const account = active instanceof HTMLInputElement && active.name === "account" ? active.value : null
    const scrolled = new Map([".wb-scroll", ".wb-tree", ".wb-grid"].map((name) => [name, this.querySelector(name)?.scrollTop ?? 0]))
    for (const part of parsed.querySelectorAll("body > [id]")) {
      this.querySelector(`#${part.id}`)?.replaceWith(part)
    }
    for (const [name, top] of scrolled) this.querySelector(name)?.scrollTo(0, top)
    if (account !== null) this.accounts?.focus(account)
    this.tell("workbench:shown", {})
  }

  /** @param {string} name @param {object} detail */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target)
    const typing = target.closest("input:not([type=checkbox]), textarea, select, dialog")
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
      event.preventDefault()
      /** @type {HTMLButtonElement | null} */
      const button = this.querySelector(event.shiftKey ? "#wb-redo" : "#wb-undo")
      button?.click()
    } else if (event.key === "Escape" && this.panel?.isOpen) {
      this.panel.close()
    } else if (event.key === "m" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      this.panel?.open([...this.selection])
    }
  }
}

customElements.define("plan-workbench", PlanWorkbench)
