// @ts-check
// <mention-box> around a <textarea>: after @ it offers people by name, and puts in the id of who is chosen.

const BEFORE = /(?:^|[^\w@.])@([\p{L}\p{N} .'-]{1,40})$/u

class MentionBox extends HTMLElement {
  connectedCallback() {
    this.words = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"))
    this.words.addEventListener("input", this.#look)
    this.words.addEventListener("keydown", this.#key)
    this.words.addEventListener("blur", () => setTimeout(() => this.#close(), 150))
  }

  #look = async () => {
    const typed = BEFORE.exec(this.words.value.slice(0, this.words.selectionStart))?.[1]
    this.asking?.abort()
    if (!typed) return this.#close()
    this.asking = new AbortController()
    try {
      const answer = await fetch(`/api/v1/people?limit=6&search=${encodeURIComponent(typed)}`, {
        headers: { Accept: "application/json" },
        signal: this.asking.signal,
      })
      if (answer.ok) this.#offer((await answer.json()).items, typed)
    } catch {
      this.#close() // a later letter asked again, or there is no connection; the id can be typed all the same
    }
  }

  /** @param {{person_id: string, name: string}[]} people @param {string} typed */
  #offer(people, typed) {
    this.#close()
    if (people.length === 0) return
    this.list = document.createElement("ul")
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-label", "People")
    people.forEach((one, place) => {
      const item = document.createElement("li")
      item.setAttribute("role", "option")
      item.setAttribute("aria-selected", String(place === 0))
      item.textContent = `${one.name} · ${one.person_id}`
      item.addEventListener("mousedown", (event) => {
        event.preventDefault()
        this.#put(one.person_id, typed)
      })
      item.dataset.id = one.person_id
      this.list?.append(item)
    })
    this.typed = typed
    this.append(this.list)
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    if (!this.list) return
    const items = [...this.list.children]
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true")
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      items[at].setAttribute("aria-selected", "false")
      items[(at + step + items.length) % items.length].setAttribute("aria-selected", "true")
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.#put(/** @type {HTMLElement} */ (items[at]).dataset.id ?? "", this.typed ?? "")
    } else if (event.key === "Escape") this.#close()
    else return
    event.preventDefault()
  }

  /** @param {string} id @param {string} typed */
  #put(id, typed) {
    const end = this.words.selectionStart
    this.words.setRangeText(`${id} `, end - typed.length, end, "end")
    this.#close()
    this.words.focus()
  }

  #close() {
    this.list?.remove()
    this.list = undefined
  }
}

customElements.define("mention-box", MentionBox)
