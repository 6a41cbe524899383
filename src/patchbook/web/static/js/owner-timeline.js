// <owner-timeline> around the form of days and the answer: a slider steps through the days, and the answer follows.
//
// Without this the form is sent with its button. Arrows move by a day, Page Up and Page Down to the next change.
// @ts-check

const DAY_MS = 86_400_000
const WAIT_MS = 60

class OwnerTimeline extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.answer = this.querySelector(".asof")
    if (!this.form || !this.answer || this.slider) return
    this.on = this.form.elements.on
    this.known = this.form.elements.known
    this.#addSlider()
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#show()
    })
    this.on.addEventListener("change", () => this.#show())
    this.known.addEventListener("change", () => this.#show())
    this.answer.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[data-day]") : null
      if (!link || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      this.#move(Number(link.dataset.day))
      this.slider.focus()
    })
  }

  #addSlider() {
    const field = document.createElement("div")
    field.className = "field slider"
    const label = Object.assign(document.createElement("label"), { htmlFor: "day", textContent: "Move through time" })
    this.slider = Object.assign(document.createElement("input"), { id: "day", type: "range", min: "0", step: "1" })
    field.append(label, this.slider)
    this.form.querySelector(".hint").before(field)
    this.#fit()
    this.slider.addEventListener("input", () => this.#move(Number(this.slider.value)))
    this.slider.addEventListener("keydown", (event) => {
      if (event.key !== "PageUp" && event.key !== "PageDown") return
      const isLater = event.key === "PageUp"
      const days = [...new Set(this.changes)].sort((one, other) => one - other)
      const now = Number(this.slider.value)
      const day = isLater ? days.find((one) => one > now) : days.reverse().find((one) => one < now)
      event.preventDefault()
      if (day !== undefined) this.#move(day)
    })
  }

  /** The slider spans what the answer shows. */
  #fit() {
    const { days, value, first, changes } = this.answer.querySelector(".owner").dataset
    this.first = Date.parse(`${first}T00:00:00Z`)
    this.changes = changes ? changes.split(" ").map(Number) : []
    this.slider.max = days
    if (document.activeElement !== this.slider) this.slider.value = value
    this.#tell()
  }

  #date(day) {
    return new Date(this.first + day * DAY_MS)
  }

  #move(day) {
    this.slider.value = String(day)
    this.on.value = this.#date(day).toISOString().slice(0, 10)
    this.#tell()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.#show(), WAIT_MS)
  }

  #tell() {
    const form = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeZone: "UTC" })
    this.slider.setAttribute("aria-valuetext", form.format(this.#date(Number(this.slider.value))))
  }

  async #show() {
    this.asking?.abort()
    this.asking = new AbortController()
    const { signal } = this.asking
    const query = new URLSearchParams()
    for (const field of [this.on, this.known]) if (field.value) query.set(field.name, field.value)
    const address = `${this.form.getAttribute("action")}${query.size ? `?${query}` : ""}`
    this.setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true", Accept: "text/html" }, signal })
      if (!answer.ok) throw new Error(String(answer.status))
      const part = new DOMParser().parseFromString(await answer.text(), "text/html")
      const isOpen = this.answer.querySelector("details")?.open ?? false
      this.answer.replaceChildren(...part.body.childNodes)
      const table = this.answer.querySelector("details")
      if (table) table.open = isOpen
      this.#fit()
      history.replaceState(null, "", address)
    } catch (error) {
      if (signal.aborted) return
      location.assign(address) // the page itself says what is wrong
    }
    this.removeAttribute("aria-busy")
  }
}

customElements.define("owner-timeline", OwnerTimeline)
