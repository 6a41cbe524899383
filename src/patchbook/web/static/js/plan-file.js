// <plan-file>: around the form of a plan file. Opens files into it, says which line one is at, and goes to the line
// that a refusal names.
// @ts-check

const PLAN = /\.ya?ml$/i
const LINE = /line (\d+)/
const LARGEST = 900_000

class PlanFile extends HTMLElement {
  connectedCallback() {
    this.text = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea[name=document]"))
    const picker = /** @type {HTMLElement | null} */ (this.querySelector("[data-picker]"))
    if (picker) {
      picker.hidden = false
      picker.querySelector("input")?.addEventListener("change", this.#open)
    }
    this.line = Object.assign(document.createElement("p"), { textContent: "Line 1" })
    this.line.dataset.line = ""
    this.text.parentElement?.after(this.line)
    this.text.addEventListener("selectionchange", this.#tell)
    this.text.addEventListener("keyup", this.#tell)
    this.text.addEventListener("click", this.#tell)
    this.watch = new MutationObserver(this.#offer)
    this.watch.observe(this, { childList: true, subtree: true, characterData: true })
  }

  disconnectedCallback() {
    this.watch?.disconnect()
    this.line?.remove()
  }

  #tell = () => {
    if (!this.line || !this.text) return
    const said = `Line ${this.text.value.slice(0, this.text.selectionStart).split("\n").length}`
    if (this.line.textContent !== said) this.line.textContent = said
  }

  #open = async (event) => {
    const place = this.querySelector("[data-files]")
    for (const file of event.target.files) {
      if (file.size > LARGEST) {
        place?.append(Object.assign(document.createElement("p"), { className: "refusal", textContent: `${file.name} is too large for a plan file.` }))
        continue
      }
      const text = await file.text()
      if (PLAN.test(file.name)) this.text.value = text
      else place?.append(...this.#named(file.name, text))
    }
    event.target.value = ""
  }

  /** A file that comes with the plan, as hidden fields of the form. */
  #named(name, text) {
    const told = Object.assign(document.createElement("p"), { textContent: `${name} comes with it. ` })
    const leave = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "Leave it out" })
    const fields = [["file_name", name], ["file_text", text]].map(([field, value]) => {
      const input = document.createElement("textarea")
      return Object.assign(input, { name: field, value, hidden: true })
    })
    leave.addEventListener("click", () => told.remove())
    told.append(leave, ...fields)
    return [told]
  }

  /** Beside a refusal that names a line, a button that goes there. */
  #offer = () => {
    const refusal = this.querySelector(".refusal[role=alert]")
    const named = refusal?.textContent?.match(LINE)
    if (!refusal || !named || refusal.querySelector("button")) return
    const go = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: `Go to line ${named[1]}` })
    go.addEventListener("click", () => this.#go(Number(named[1])))
    refusal.append(go)
  }

  /** @param {number} line */
  #go(line) {
    if (!this.text) return
    const lines = this.text.value.split("\n")
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0)
    this.text.focus()
    this.text.setSelectionRange(start, start + (lines[line - 1] ?? "").length)
    this.text.scrollTop = (this.text.scrollHeight / lines.length) * Math.max(0, line - 5)
    this.#tell()
  }
}

customElements.define("plan-file", PlanFile)
