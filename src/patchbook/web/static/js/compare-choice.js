// <compare-choice most="4">: says how many plans are ticked, and lets none be compared that are too few or too many.
// @ts-check

class CompareChoice extends HTMLElement {
  connectedCallback() {
    this.most = Number(this.getAttribute("most") ?? 4)
    document.addEventListener("change", this.#count)
    window.addEventListener("pageshow", this.#count) // the browser's Back keeps ticks
    this.#count()
  }

  disconnectedCallback() {
    document.removeEventListener("change", this.#count)
    window.removeEventListener("pageshow", this.#count)
  }

  #count = () => {
    const form = this.querySelector("form")
    const says = this.querySelector("[data-says]")
    const button = this.querySelector("button")
    if (!form || !says || !button) return
    const ticked = [...form.elements].filter((one) => one instanceof HTMLInputElement && one.checked).length
    button.disabled = ticked < 2 || ticked > this.most
    if (ticked > this.most) says.textContent = `${ticked} are ticked; at most ${this.most} stand side by side.`
    else if (ticked < 2) says.textContent = ticked ? "Tick one more." : "Tick two to four plans."
    else says.textContent = `${ticked} plans ticked.`
  }
}

customElements.define("compare-choice", CompareChoice)
