// <part-form> around a form: a button with `data-part` asks for a part of a page and puts it where that selector says.
//
// Every other button is left to whoever else listens. A button with `data-line` goes to that line of the form's
// textarea. Without script those buttons load the page anew, with what was typed still in it.
// @ts-check

class PartForm extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this.#send)
    this.addEventListener("click", this.#line)
  }

  /** @param {SubmitEvent} event */
  #send = async (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter)
    const selector = button?.dataset.part
    if (!button || !selector) return
    event.preventDefault()
    event.stopPropagation()
    const form = /** @type {HTMLFormElement} */ (event.target)
    const place = /** @type {HTMLElement} */ (this.querySelector(selector))
    button.disabled = true
    try {
      const body = new URLSearchParams(/** @type {any} */ (new FormData(form)))
      const action = button.getAttribute("formaction") ?? form.action
      const answer = await fetch(action, { method: "POST", body, headers: { "HX-Request": "true", Accept: "text/html, application/problem+json" } })
      const text = await answer.text()
      if (answer.headers.get("content-type")?.startsWith("text/html")) {
        const parsed = new DOMParser().parseFromString(text, "text/html")
        place.replaceChildren(...parsed.body.childNodes)
      } else this.#say(place, JSON.parse(text).detail ?? `The server answered ${answer.status}.`)
    } catch {
      this.#say(place, "No connection; press again when it is back.")
    }
    button.disabled = false
    place.scrollIntoView({ block: "nearest" })
  }

  /** @param {HTMLElement} place @param {string} sentence */
  #say(place, sentence) {
    const told = document.createElement("p")
    told.className = "warning"
    told.textContent = sentence
    place.replaceChildren(told)
  }

  /** @param {MouseEvent} event */
  #line = (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("[data-line]")
    const text = this.querySelector("textarea")
    if (!(button instanceof HTMLElement) || !text) return
    const lines = text.value.split("\n")
    const line = Math.min(Number(button.dataset.line), lines.length)
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
    text.focus()
    text.setSelectionRange(start, start + lines[line - 1].length)
    text.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(text).lineHeight))
  }
}

customElements.define("part-form", PartForm)
