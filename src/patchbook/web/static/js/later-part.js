// <later-part src="…">: a part of a page that takes a while; it is asked for when the page is there, and put in its place.
// @ts-check

let last = Promise.resolve() // one after the other: each is work for the server

class LaterPart extends HTMLElement {
  connectedCallback() {
    last = last.then(() => this.#fetch())
  }

  async #fetch() {
    if (!this.isConnected) return
    const answer = await fetch(this.getAttribute("src") ?? "", { headers: { "HX-Request": "true" } }).catch(() => null)
    if (!answer?.ok) return
    const made = document.createElement("template")
    made.innerHTML = await answer.text()
    this.replaceWith(made.content)
  }
}

customElements.define("later-part", LaterPart)
