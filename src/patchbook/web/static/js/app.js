// What every page has: local times and numbers, forms that lose nothing, a menu that closes, a way back.
import "./ask-box.js"
import "./local-format.js"
import "./safe-form.js"

customElements.define("back-button", class extends HTMLElement {
  connectedCallback() {
    const button = document.createElement("button")
    button.className = "main"
    button.textContent = "Back to what I typed"
    button.addEventListener("click", () => history.back())
    this.replaceChildren(button)
  }
})

// A menu in the bar closes when one clicks elsewhere or presses Escape.
const closeMenus = (event) => {
  for (const open of document.querySelectorAll("details.me[open]")) {
    if (event.type === "keydown" ? event.key === "Escape" : !open.contains(event.target)) open.open = false
  }
}
document.addEventListener("click", closeMenus)
document.addEventListener("keydown", closeMenus)

// "/" goes to the search box, unless one is typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.closest("input, textarea, select, [contenteditable]")) return
  const ask = document.getElementById("ask")
  if (ask) {
    event.preventDefault()
    ask.focus()
  }
})
