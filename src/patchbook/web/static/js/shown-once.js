// <shown-once>: what a form in it answers as a secret is shown in its place, once, and can be copied.
// @ts-check

class ShownOnce extends HTMLElement {
  connectedCallback() {
    this.addEventListener("form:done", this.#show)
    const copy = /** @type {HTMLButtonElement | null} */ (this.querySelector("[data-copy]"))
    if (!copy || !navigator.clipboard) return
    copy.hidden = false
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.querySelector("output")?.textContent ?? "")
      copy.textContent = "Copied"
    })
  }

  /** @param {Event} event */
  #show = (event) => {
    const { secret } = /** @type {CustomEvent} */ (event).detail
    const place = /** @type {HTMLElement | null} */ (this.querySelector("[data-secret]"))
    const output = this.querySelector("output")
    if (!secret || !place || !output) return
    output.textContent = secret
    place.hidden = false
    const head = /** @type {HTMLElement} */ (place.querySelector("h2"))
    head.focus()
    place.scrollIntoView({ block: "center" })
    const form = /** @type {HTMLElement} */ (event.target).querySelector("form")
    form?.reset()
  }
}

customElements.define("shown-once", ShownOnce)
