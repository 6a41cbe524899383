// <ask-box> around the search form of the frame: it suggests while one types (ARIA combobox with a list).
//
// Without this the form is sent with Enter and answered by a page. Arrows choose, Enter goes there or sends the form,
// Escape closes the list and then empties the box.
// @ts-check

const WAIT_MS = 120

class AskBox extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.input = this.querySelector("input")
    if (!this.form || !this.input || this.list) return
    this.list = document.createElement("ul")
    Object.assign(this.list, { id: "ask-list", hidden: true, className: "suggestions" })
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-label", "Suggestions")
    this.told = document.createElement("p")
    this.told.className = "unseen"
    this.told.setAttribute("role", "status")
    this.form.append(this.list, this.told)
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-controls", "ask-list"],
      ["aria-expanded", "false"],
    ]) {
      this.input.setAttribute(name, value)
    }
    this.input.addEventListener("input", () => this.#later())
    this.input.addEventListener("keydown", (event) => this.#key(event))
    this.input.addEventListener("blur", () => this.#close())
    // The box keeps the focus while one presses on a line of the list.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault())
    this.list.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null
      if (option) this.#go(option)
    })
  }

  #later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.#ask(), WAIT_MS)
  }

  async #ask() {
    const asked = this.input.value.trim()
    this.asking?.abort()
    if (!asked) return this.#close()
    this.asking = new AbortController()
    const { signal } = this.asking
    try {
      const address = `${this.form.getAttribute("action")}?q=${encodeURIComponent(asked)}`
      const answer = await fetch(address, { headers: { "HX-Request": "true", Accept: "text/html" }, signal })
      if (!answer.ok || document.activeElement !== this.input) return this.#close()
      const part = new DOMParser().parseFromString(await answer.text(), "text/html")
      this.list.replaceChildren(...part.querySelectorAll("[role=option]"))
      this.#choose(null)
      const count = this.#options.length
      this.#open(count > 0)
      this.told.textContent = count ? `${count} ${count === 1 ? "suggestion" : "suggestions"}; arrows choose.` : "No suggestions."
    } catch {
      // One that was given up for the next must not close, and so give up, that one too.
      if (!signal.aborted) this.#close() // it is asked again with the next letter; Enter sends the form in any case
    }
  }

  get #options() {
    return [...this.list.querySelectorAll("[role=option]")]
  }

  #key(event) {
    const options = this.#options
    const isOpen = !this.list.hidden
    const at = options.indexOf(this.chosen)
    if (event.key === "ArrowDown" && isOpen) this.#choose(options[(at + 1) % options.length])
    else if (event.key === "ArrowUp" && isOpen) this.#choose(options[(at < 1 ? options.length : at) - 1])
    else if (event.key === "ArrowDown" && this.input.value) this.#ask()
    else if (event.key === "Enter" && isOpen && this.chosen) this.#go(this.chosen)
    else if (event.key === "Escape" && isOpen) this.#close()
    else {
      if (event.key === "Enter") this.#close()
      return
    }
    event.preventDefault()
  }

  #choose(option) {
    this.chosen?.setAttribute("aria-selected", "false")
    this.chosen = option
    if (option) {
      option.setAttribute("aria-selected", "true")
      option.scrollIntoView({ block: "nearest" })
      this.input.setAttribute("aria-activedescendant", option.id)
    } else this.input.removeAttribute("aria-activedescendant")
  }

  #go(option) {
    this.#close()
    location.assign(option.dataset.path)
  }

  #open(is) {
    this.list.hidden = !is
    this.input.setAttribute("aria-expanded", String(is))
  }

  #close() {
    clearTimeout(this.timer)
    this.asking?.abort()
    this.#choose(null)
    this.#open(false)
    this.told.textContent = ""
  }
}

customElements.define("ask-box", AskBox)
