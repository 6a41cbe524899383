// <print-button>: prints the page as it is. Without script there is the browser's own way.
customElements.define("print-button", class extends HTMLElement {
  connectedCallback() {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = "Print"
    button.addEventListener("click", () => print())
    this.replaceChildren(button)
  }
})
