// @ts-check
// <inbox-keys> around a list of what waits: j and k go from one to the next, a and r decide, o opens, x chooses.
//
// A rejection needs a word: r goes to the place for it first, and sends it once there is one.

const PLACE = "patchbook-inbox-place"

class InboxKeys extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this.#key)
    this.addEventListener("change", this.#chosen)
    const place = sessionStorage.getItem(PLACE)
    sessionStorage.removeItem(PLACE)
    if (place !== null) this.#go(Math.min(Number(place), this.items.length - 1))
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#key)
  }

  /** @returns {HTMLElement[]} */
  get items() {
    return [...this.querySelectorAll("li.waits")]
  }

  get place() {
    return this.items.findIndex((item) => item.contains(document.activeElement))
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = /** @type {Element} */ (event.target)
    if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog")) {
      if (event.key === "Escape" && this.place >= 0) this.#go(this.place)
      return
    }
    const item = this.items[this.place]
    if (event.key === "j") this.#go(Math.min(this.place + 1, this.items.length - 1))
    else if (event.key === "k") this.#go(Math.max(this.place - 1, 0))
    else if (item && event.key === "o") item.querySelector("a")?.click()
    else if (item && event.key === "x") item.querySelector("input[type=checkbox]")?.click()
    else if (item && (event.key === "a" || event.key === "r")) this.#decide(item, event.key)
    else return
    event.preventDefault()
  }

  /** @param {number} place */
  #go(place) {
    this.items[place]?.focus()
    this.items[place]?.scrollIntoView({ block: "nearest" })
  }

  /** @param {HTMLElement} item @param {string} key */
  #decide(item, key) {
    const button = /** @type {HTMLButtonElement | null} */ (item.querySelector(`button[data-key=${key}]`))
    const word = /** @type {HTMLTextAreaElement | null} */ (item.querySelector("textarea"))
    if (!button) return
    if (key === "r" && word && !word.value.trim()) {
      word.focus()
      return
    }
    sessionStorage.setItem(PLACE, String(this.place))
    button.click()
  }

  /** @param {Event} event */
  #chosen = (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target)
    if (box.name !== "all") return
    for (const one of this.querySelectorAll("input[name=item][type=checkbox]")) {
      /** @type {HTMLInputElement} */ (one).checked = box.checked
    }
  }
}

customElements.define("inbox-keys", InboxKeys)
