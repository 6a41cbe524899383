// @ts-check
// <pair-choice> around two accounts side by side: the cell that a merge would keep stands out, as one chooses.

class PairChoice extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this.#show)
    if (this.querySelector("[name=stays]")) this.#show()
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#show)
  }

  #show = () => {
    const stays = /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("[name=stays]"))
    const first = stays[0].checked ? 0 : 1
    for (const row of this.querySelectorAll("tr.differs")) {
      const cells = row.querySelectorAll("td")
      const whose = /** @type {HTMLSelectElement | null} */ (row.querySelector("select"))?.value
      const isEmpty = cells[first].textContent === "–"
      const kept = whose === "one" ? 0 : whose === "other" ? 1 : isEmpty ? 1 - first : first
      cells[0].classList.toggle("kept", kept === 0)
      cells[1].classList.toggle("kept", kept === 1)
    }
  }
}

customElements.define("pair-choice", PairChoice)
