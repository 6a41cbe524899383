// @ts-check
/** `<person-picker>` around a field of a person: finds people by name as one types; the field holds the person's id. */

customElements.define("person-picker", class extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input")
    if (!this.field || this.field.getAttribute("list")) return
    const list = document.createElement("datalist")
    list.id = `${this.field.id}-people`
    this.append(list)
    this.field.setAttribute("list", list.id)
    this.field.addEventListener("input", () => {
      clearTimeout(this.typing)
      this.typing = setTimeout(() => this.find(list), 150)
    })
    this.field.addEventListener("focus", () => list.childElementCount || this.find(list))
  }

  /** @param {HTMLDataListElement} list */
  async find(list) {
    const asked = (this.asked = {})
    const answer = await fetch(`/api/v1/people?limit=20&search=${encodeURIComponent(this.field?.value ?? "")}`).catch(() => null)
    if (!answer?.ok || this.asked !== asked) return
    const { items } = await answer.json()
    list.replaceChildren(...items.map((one) => Object.assign(document.createElement("option"), { value: one.person_id, label: one.name })))
  }
})
