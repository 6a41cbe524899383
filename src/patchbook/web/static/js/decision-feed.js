// <decision-feed src newest>: puts new decisions on top of the table in it, every two seconds.
//
// While somebody reads (the pointer or the focus is in the table, text is selected, the page is scrolled down, or it is
// paused) nothing moves: a button tells how many have come. Without script the page shows what there was.
// @ts-check

const EVERY_MS = 2000
const SLOWEST_MS = 30_000
const MOST_ROWS = 300

class DecisionFeed extends HTMLElement {
  connectedCallback() {
    const src = this.getAttribute("src")
    if (!src) return
    this.src = src
    this.newest = this.getAttribute("newest") ?? "0"
    this.body = /** @type {HTMLElement} */ (this.querySelector("tbody"))
    this.state = /** @type {HTMLElement} */ (this.querySelector(".feed-state"))
    this.more = /** @type {HTMLButtonElement} */ (this.querySelector("[data-more]"))
    this.pause = /** @type {HTMLButtonElement} */ (this.querySelector("[data-pause]"))
    this.known = new Set(Array.from(this.body.rows, (row) => row.dataset.id))
    /** @type {HTMLTableRowElement[]} */
    this.waiting = []
    this.wait = EVERY_MS
    this.pause.hidden = false
    this.pause.addEventListener("click", () => this.#pressed())
    this.more.addEventListener("click", () => {
      this.#show()
      this.scrollIntoView({ block: "nearest" })
    })
    document.addEventListener("visibilitychange", this.#seen)
    this.#say(true)
    this.#later()
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.#seen)
    this.src = undefined
  }

  get isPaused() {
    return this.pause.getAttribute("aria-pressed") === "true"
  }

  get isRead() {
    const table = this.querySelector(".scroll")
    const chosen = document.getSelection()
    const selects = chosen !== null && !chosen.isCollapsed && this.contains(chosen.anchorNode)
    return this.isPaused || selects || this.matches(":has(.scroll:hover, .scroll:focus-within)") || (table?.getBoundingClientRect().top ?? 0) < 0
  }

  #seen = () => {
    if (document.visibilityState !== "visible") return
    this.#later(0)
  }

  #later(ms = this.wait) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.#ask(), ms)
  }

  async #ask() {
    if (!this.src || document.visibilityState !== "visible") return
    try {
      const answer = await fetch(`${this.src}&since=${this.newest}`, { headers: { "HX-Request": "true", Accept: "text/html" } })
      if (answer.status === 401) {
        this.state.textContent = "Your session has ended; sign in again to see new decisions."
        this.state.classList.remove("live")
        return
      }
      if (!answer.ok) throw new Error(String(answer.status))
      this.#take(await answer.text())
      this.wait = EVERY_MS
      this.#say(true)
    } catch {
      this.wait = Math.min(2 * this.wait, SLOWEST_MS)
      this.#say(false)
    }
    this.#later()
  }

  /** @param {string} html */
  #take(html) {
    const table = new DOMParser().parseFromString(html, "text/html").querySelector("table")
    if (!table) return
    this.newest = table.dataset.newest ?? this.newest
    const fresh = Array.from(table.rows).filter((row) => !this.known.has(row.dataset.id))
    for (const row of fresh) this.known.add(row.dataset.id)
    this.waiting = [...fresh, ...this.waiting]
    if (this.waiting.length === 0) return
    if (this.isRead) this.#count()
    else this.#show()
  }

  #count() {
    const many = this.waiting.length
    this.more.hidden = many === 0
    this.more.textContent = many === 1 ? "1 new decision" : `${many} new decisions`
  }

  #show() {
    for (const row of this.waiting) row.classList.add("fresh")
    const rows = this.waiting
    this.body.prepend(...rows)
    setTimeout(() => rows.forEach((row) => row.classList.remove("fresh")), 2500)
    this.waiting = []
    while (this.body.children.length > MOST_ROWS) this.body.lastElementChild?.remove()
    this.querySelector("[data-empty]")?.remove()
    this.#count()
  }

  #pressed() {
    this.pause.setAttribute("aria-pressed", String(!this.isPaused))
    if (!this.isPaused) this.#show()
    this.#say(true)
  }

  /** @param {boolean} isThere */
  #say(isThere) {
    const text = !isThere ? "No connection; trying again." : this.isPaused ? "Paused." : "New decisions appear by themselves."
    if (this.state.textContent !== text) this.state.textContent = text
    this.state.classList.toggle("live", isThere && !this.isPaused)
  }
}

customElements.define("decision-feed", DecisionFeed)
