// @ts-check
// <file-drop most="bytes"> around a form with a file: the file can be dropped anywhere on it, is sent as it is, and
// one sees how much of it has arrived. What is refused is said beside it; the file stays chosen, to be sent again.
//
// The form works as a plain multipart POST without this.

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this.#send)
    this.addEventListener("dragover", this.#over)
    this.addEventListener("dragleave", this.#out)
    this.addEventListener("drop", this.#drop)
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this.#send)
    this.removeEventListener("dragover", this.#over)
    this.removeEventListener("dragleave", this.#out)
    this.removeEventListener("drop", this.#drop)
  }

  #over = (/** @type {DragEvent} */ event) => {
    event.preventDefault()
    this.classList.add("over")
  }

  #out = () => this.classList.remove("over")

  #drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault()
    this.classList.remove("over")
    const files = event.dataTransfer?.files
    if (!files?.length) return
    this.#input.files = files
    this.querySelector("form")?.requestSubmit()
  }

  #send = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault()
    const file = this.#input.files?.[0]
    if (!file) return
    const most = Number(this.getAttribute("most"))
    if (file.size > most) {
      this.#say(`${file.name} is larger than the ${most / 2 ** 30} GiB taken here; split it, or send it as Parquet.`)
      return
    }
    this.#say("")
    const kind = /** @type {HTMLInputElement | null} */ (this.querySelector("[name=kind]:checked"))?.value ?? "accounts"
    const bar = this.querySelector("progress") ?? document.createElement("progress")
    bar.setAttribute("aria-label", `Sending ${file.name}`)
    this.querySelector(".actions")?.before(bar)
    this.#busy(true)
    const request = new XMLHttpRequest()
    request.open("POST", `/data/uploads?${new URLSearchParams({ kind, name: file.name })}`)
    request.setRequestHeader("Accept", "application/json, application/problem+json")
    request.setRequestHeader("Content-Type", "application/octet-stream")
    request.setRequestHeader("Patchbook-Form", "1")
    request.upload.addEventListener("progress", (now) => {
      if (now.lengthComputable) Object.assign(bar, { max: now.total, value: now.loaded })
      if (now.loaded === now.total) bar.removeAttribute("value") // it is being looked at
    })
    request.addEventListener("load", () => this.#answered(request, bar))
    request.addEventListener("error", () => this.#failed(bar, "No connection: the file did not arrive. Press again when it is back."))
    request.send(file)
  }

  #answered(/** @type {XMLHttpRequest} */ request, /** @type {Element} */ bar) {
    let told
    try {
      told = JSON.parse(request.responseText)
    } catch {
      told = {}
    }
    if (request.status < 300 && told.location) {
      location.assign(told.location)
      return
    }
    if (request.status === 401) this.#failed(bar, "Your session has ended. Sign in in another tab, then press again; the file stays chosen.")
    else this.#failed(bar, told.detail ?? `The server answered ${request.status}.`)
  }

  #failed(/** @type {Element} */ bar, /** @type {string} */ sentence) {
    bar.remove()
    this.#busy(false)
    this.#say(sentence)
  }

  #say(/** @type {string} */ sentence) {
    let place = /** @type {HTMLElement | null} */ (this.querySelector(".refusal"))
    if (!place) {
      place = document.createElement("p")
      place.className = "refusal"
      place.setAttribute("role", "alert")
      this.querySelector(".actions")?.before(place)
    }
    place.textContent = sentence
    place.hidden = sentence === ""
  }

  #busy(/** @type {boolean} */ is) {
    for (const button of this.querySelectorAll("button")) button.disabled = is
  }

  get #input() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input[type=file]"))
  }
}

customElements.define("file-drop", FileDrop)
