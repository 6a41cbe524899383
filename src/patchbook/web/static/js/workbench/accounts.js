// @ts-check
/** The table of accounts: paged, sorted and searched by the server; chosen with mouse or keyboard, dragged as rows. */

export class Accounts {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    this.query = location.search.slice(1)
    /** @type {string | null} */
    this.last = null
    const signal = bench.signal
    bench.addEventListener("click", (event) => this.click(event), { signal })
    bench.addEventListener("keydown", (event) => this.key(event), { signal })
    bench.addEventListener("workbench:selected", () => this.mark(), { signal })
    bench.addEventListener("workbench:shown", () => this.mark(), { signal })
    bench.addEventListener("workbench:picked", (event) => this.narrow({ territory: /** @type {CustomEvent} */ (event).detail.territory, segment: "", page: "" }), { signal })
    bench.addEventListener("dragstart", (event) => this.drag(event), { signal })
    bench.addEventListener("dragend", () => this.dropped(), { signal })
    const filter = /** @type {HTMLFormElement | null} */ (bench.querySelector(".wb-filter"))
    filter?.addEventListener("input", () => {
      clearTimeout(this.typing)
      const told = new FormData(filter)
      this.typing = setTimeout(() => this.narrow({ q: String(told.get("q") ?? ""), only: String(told.get("only") ?? ""), page: "" }), 180)
    }, { signal })
    filter?.addEventListener("submit", (event) => event.preventDefault(), { signal })
    this.mark()
  }

  /** @returns {HTMLInputElement[]} */
  get boxes() {
    return [...this.bench.querySelectorAll("#wb-rows input[name=account]")]
  }

  /** Show other accounts: these wishes instead of those there are. @param {Record<string, string>} wishes */
  narrow(wishes) {
    const query = new URLSearchParams(this.query)
    for (const [name, value] of Object.entries(wishes)) value ? query.set(name, value) : query.delete(name)
    return this.show(query.toString())
  }

  /** @param {string} query */
  async show(query) {
    this.query = query
    const asked = (this.asked = {})
    history.replaceState(null, "", query ? `?${query}` : location.pathname)
    const text = await this.bench.part(`${this.bench.base}/rows?${query}`)
    if (text !== null && this.asked === asked) this.bench.put(text)
  }

  /** @param {MouseEvent} event */
  async click(event) {
    const target = /** @type {HTMLElement} */ (event.target)
    const link = target.closest("[data-rows]")
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      const keep = new URLSearchParams(link.getAttribute("data-rows") ?? "")
      for (const name of ["view", "by"]) {
        const now = new URLSearchParams(location.search).get(name)
        if (now) keep.set(name, now)
      }
      return this.show(keep.toString())
    }
    const all = target.closest("[data-choose-all]")
    if (all) return this.chooseAll(all.getAttribute("data-choose-all") ?? "")
    if (target.id === "wb-all") {
      const shown = this.boxes.map((box) => box.value)
      return /** @type {HTMLInputElement} */ (target).checked ? this.bench.select(shown, { add: true }) : this.bench.unselect(shown)
    }
    const row = target.closest("#wb-rows tr[data-account]")
    if (!row || target.closest("a, button")) return
    this.choose(row.getAttribute("data-account") ?? "", event)
  }

  /** One account, or with shift all up to it. @param {string} id @param {MouseEvent | KeyboardEvent} event */
  choose(id, event) {
    const ids = this.boxes.map((box) => box.value)
    if (event.shiftKey && this.last !== null && ids.includes(this.last)) {
      const [from, to] = [ids.indexOf(this.last), ids.indexOf(id)].sort((a, b) => a - b)
      this.bench.select(ids.slice(from, to + 1), { add: true, from: "table" })
    } else if (this.bench.selection.has(id)) this.bench.unselect([id])
    else this.bench.select([id], { add: true, from: "table" })
    this.last = id
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const box = /** @type {HTMLElement} */ (event.target).closest("#wb-rows input[name=account]")
    if (!box) return
    const boxes = this.boxes
    const at = boxes.indexOf(/** @type {HTMLInputElement} */ (box))
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: boxes.length - 1 }[event.key]
    if (next !== undefined && boxes[next]) {
      event.preventDefault()
      boxes[next].focus()
      if (event.shiftKey) this.bench.select([boxes[at].value, boxes[next].value], { add: true, from: "table" })
    } else if ((event.ctrlKey || event.metaKey) && event.key === "a") {
      event.preventDefault()
      this.bench.select(boxes.map((one) => one.value), { add: true, from: "table" })
    } else if (event.key === "Enter") event.preventDefault()
  }

  /** Choose every account as asked, on whatever page. @param {string} query */
  async chooseAll(query) {
    const answer = await fetch(`${this.bench.base}/account-ids?${query}`, { signal: this.bench.signal }).catch(() => null)
    if (!answer?.ok) return this.bench.say("They could not be chosen; try again.", true)
    this.bench.select((await answer.json()).ids, { from: "table" })
  }

  mark() {
    const chosen = this.bench.selection
    for (const box of this.boxes) {
      box.checked = chosen.has(box.value)
      box.closest("tr")?.setAttribute("aria-selected", String(box.checked))
    }
    const all = /** @type {HTMLInputElement | null} */ (this.bench.querySelector("#wb-all"))
    if (all) all.checked = this.boxes.length > 0 && this.boxes.every((box) => box.checked)
    const count = this.bench.querySelector("#wb-count")
    if (count) count.textContent = chosen.size ? `${chosen.size.toLocaleString()} chosen` : "Nothing chosen"
    for (const button of this.bench.querySelectorAll("#wb-bar [data-do]")) /** @type {HTMLButtonElement} */ (button).disabled = !chosen.size
    const picked = this.bench.querySelector("#wb-picked")
    const { territory, segment } = Object.fromEntries(new URLSearchParams(this.query))
    picked?.replaceChildren(...[territory, segment].filter(Boolean).map((name) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: `${name} ✕`, title: "Show all again" })
      button.addEventListener("click", () => this.bench.pick(""))
      return button
    }))
  }

  /** @param {string} id */
  focus(id) {
    this.boxes.find((box) => box.value === id)?.focus()
  }

  /** @param {DragEvent} event */
  drag(event) {
    const row = /** @type {HTMLElement} */ (event.target).closest?.("#wb-rows tr[data-account]")
    if (!row || !event.dataTransfer || !this.bench.mayMove) return
    const id = row.getAttribute("data-account") ?? ""
    if (!this.bench.selection.has(id)) this.bench.select([id], { from: "table" })
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setData("text/plain", [...this.bench.selection].join("\n"))
    for (const box of this.boxes) if (box.checked) box.closest("tr")?.classList.add("dragged")
    this.bench.dragging = true
  }

  dropped() {
    this.bench.dragging = false
    for (const row of this.bench.querySelectorAll(".dragged")) row.classList.remove("dragged")
  }
}
