// @ts-check
// <live-preview> around a form with #preview in it: whatever is chosen is told to the server at once, and the part is
// shown anew as it is understood then. One field has one column: choosing it elsewhere frees the column it was.

class LivePreview extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this.#changed)
    const button = /** @type {HTMLElement | null} */ (this.querySelector(".anew"))
    if (button) button.hidden = true
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#changed)
  }

  #changed = async (/** @type {Event} */ event) => {
    const chosen = /** @type {HTMLSelectElement} */ (event.target)
    const form = this.querySelector("form")
    if (!form || !chosen.name) return
    if (chosen.name === "field" && chosen.value) {
      for (const other of /** @type {NodeListOf<HTMLSelectElement>} */ (form.querySelectorAll("select[name=field]"))) {
        if (other !== chosen && other.value === chosen.value) other.value = ""
      }
    }
    this.setAttribute("busy", "")
    const turn = (this.turn = Symbol("turn"))
    try {
      const body = new URLSearchParams(/** @type {any} */ (new FormData(form)))
      const sent = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json", "Patchbook-Form": "1" } })
      if (!sent.ok) throw new Error((await sent.json().catch(() => ({}))).detail ?? `The server answered ${sent.status}.`)
      const part = await fetch(form.action, { headers: { Accept: "text/html", "HX-Request": "true" } })
      const html = await part.text()
      if (turn !== this.turn || !part.ok) return // something else was chosen meanwhile
      this.#say("")
      this.#show(html, chosen.id)
    } catch (error) {
      if (turn === this.turn) this.#say(error instanceof TypeError ? "No connection: choose again when it is back." : String(/** @type {Error} */ (error).message))
    } finally {
      if (turn === this.turn) this.removeAttribute("busy")
    }
  }

  #show(/** @type {string} */ html, /** @type {string} */ focused) {
    const place = this.querySelector("#preview")
    if (!place) return
    const scrolled = [...place.querySelectorAll(".scroll")].map((element) => element.scrollLeft)
    place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes)
    place.querySelectorAll(".scroll").forEach((element, index) => (element.scrollLeft = scrolled[index] ?? 0))
    document.getElementById(focused)?.focus()
  }

  #say(/** @type {string} */ sentence) {
    const place = /** @type {HTMLElement | null} */ (this.querySelector(".pinned .refusal"))
    if (!place) return
    place.textContent = sentence
    place.hidden = sentence === ""
  }
}

customElements.define("live-preview", LivePreview)
