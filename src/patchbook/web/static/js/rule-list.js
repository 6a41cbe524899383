// @ts-check
// <rule-list> around the layers of a plan and a form `.mover`: a layer is dragged by its number to another place, or moved
// with Alt ↑ and Alt ↓ while anything in it has the focus. The form is sent with the place it goes to; the server decides.

class RuleList extends HTMLElement {
  /** @type {HTMLElement | null} */
  #dragged = null

  connectedCallback() {
    for (const row of this.#rows()) {
      const grip = row.querySelector(".place")
      if (!grip) continue
      grip.setAttribute("draggable", "true")
      grip.setAttribute("title", "Drag to another place")
    }
    this.addEventListener("dragstart", this.#start)
    this.addEventListener("dragover", this.#over)
    this.addEventListener("drop", this.#drop)
    this.addEventListener("dragend", this.#clear)
    this.addEventListener("keydown", this.#key)
  }

  /** @returns {HTMLElement[]} */
  #rows() {
    return Array.from(this.querySelectorAll("[data-movable]"))
  }

  /** @param {EventTarget | null} target @returns {HTMLElement | null} */
  #row(target) {
    return target instanceof Element ? target.closest("[data-movable]") : null
  }

  /** @param {DragEvent} event */
  #start = (event) => {
    this.#dragged = this.#row(event.target)
    if (!this.#dragged || !event.dataTransfer) return
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setData("text/plain", this.#dragged.dataset.number ?? "")
    event.dataTransfer.setDragImage(this.#dragged, 20, 20)
    this.#dragged.classList.add("dragged")
  }

  /** @param {DragEvent} event */
  #over = (event) => {
    const row = this.#row(event.target)
    if (!this.#dragged || !row) return
    event.preventDefault()
    for (const other of this.#rows()) other.classList.remove("above", "below")
    if (row !== this.#dragged) row.classList.add(number(row) < number(this.#dragged) ? "above" : "below")
  }

  /** @param {DragEvent} event */
  #drop = (event) => {
    const row = this.#row(event.target)
    const dragged = this.#dragged
    event.preventDefault()
    this.#clear()
    if (row && dragged && row !== dragged) this.#move(dragged, number(row))
  }

  #clear = () => {
    for (const row of this.#rows()) row.classList.remove("above", "below", "dragged")
    this.#dragged = null
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    const row = this.#row(event.target)
    if (!row || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return
    event.preventDefault()
    const label = event.key === "ArrowUp" ? "up" : "down"
    /** @type {HTMLButtonElement | null} */
    const button = row.querySelector(`.order button[aria-label$=" ${label}"]`)
    button?.click()
  }

  /** @param {HTMLElement} row @param {number} to */
  #move(row, to) {
    const form = /** @type {HTMLFormElement} */ (this.querySelector("form.mover"))
    const layer = /** @type {HTMLInputElement} */ (form.elements.namedItem("layer"))
    const place = /** @type {HTMLInputElement} */ (form.elements.namedItem("to"))
    layer.value = String(number(row))
    place.value = String(to)
    this.setAttribute("aria-busy", "true")
    form.requestSubmit()
  }
}

/** @param {HTMLElement} row */
function number(row) {
  return Number(row.dataset.number)
}

customElements.define("rule-list", RuleList)
