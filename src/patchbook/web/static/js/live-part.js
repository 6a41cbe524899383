// <live-part src every>: fetched anew every so many seconds while something in it is under way (`data-live`).
//
// It stops by itself once nothing is. Without script the page shows how things stood when it was opened.
// @ts-check

class LivePart extends HTMLElement {
  connectedCallback() {
    this.wait = 1000 * Number(this.getAttribute("every") ?? "1")
    this.#later()
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
  }

  #later() {
    clearTimeout(this.timer)
    if (this.querySelector("[data-live]")) this.timer = setTimeout(() => this.#ask(), this.wait)
  }

  async #ask() {
    if (document.visibilityState === "visible" && !this.matches(":focus-within")) {
      try {
        const src = this.getAttribute("src") ?? location.pathname + location.search
        const answer = await fetch(src, { headers: { "HX-Request": "true", Accept: "text/html" } })
        if (answer.status === 401) return
        if (answer.ok) this.#put(await answer.text())
      } catch {
        // no connection: the next try comes by itself
      }
    }
    this.#later()
  }

  /** @param {string} html */
  #put(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html")
    this.replaceChildren(...parsed.body.childNodes)
  }
}

customElements.define("live-part", LivePart)
