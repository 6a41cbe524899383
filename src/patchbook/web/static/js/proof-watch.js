// @ts-check
// <proof-watch src="…/proof">: stands where the problems of rules are being looked for. When they are known, every part
// of the page that is called data-part is taken from the page as it is then; nothing typed or opened elsewhere is lost.
// Emits `proof:done`.

const PAUSE_MS = 700

class ProofWatch extends HTMLElement {
  #timer = 0

  connectedCallback() {
    this.#later()
  }

  disconnectedCallback() {
    clearTimeout(this.#timer)
  }

  #later() {
    this.#timer = window.setTimeout(() => this.#look(), PAUSE_MS)
  }

  async #look() {
    try {
      const answer = await fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } })
      if (!answer.ok) return this.#say("The problems could not be asked for; open the page again.")
      if ((await answer.json()).done) return await this.#show()
    } catch {
      // No connection: the next try may have one.
    }
    if (this.isConnected) this.#later()
  }

  async #show() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } })
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    document.dispatchEvent(new CustomEvent("proof:done"))
    for (const part of document.querySelectorAll("[data-part]")) {
      const name = /** @type {HTMLElement} */ (part).dataset.part ?? ""
      const now = page.querySelector(`[data-part="${CSS.escape(name)}"]`)
      if (now) part.replaceChildren(...document.importNode(now, true).childNodes)
    }
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.textContent = sentence
  }
}

customElements.define("proof-watch", ProofWatch)
