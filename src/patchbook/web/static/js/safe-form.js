// <safe-form> around a form: it is sent without leaving the page, so that whatever goes wrong nothing typed is lost.
//
// The form works as a plain POST without this. With it: the sentence of a refusal stands above the button, a lost
// connection can be tried again without doing anything twice (the same Idempotency-Key), and an ended session says so.
// Attribute `ask`: a question to answer with yes first.

const KINDS = "application/json, application/problem+json"

class SafeForm extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this.#send)
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this.#send)
  }

  #send = async (event) => {
    const form = event.target
    const button = event.submitter
    const method = button?.getAttribute("formmethod") ?? form.method
    if (method !== "post" || form.enctype === "multipart/form-data") return
    event.preventDefault()
    const question = button?.dataset.ask ?? this.getAttribute("ask")
    if (question && !confirm(question)) return
    const body = new URLSearchParams(new FormData(form, button))
    const action = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href
    // The same content has the same key until it is answered: sent again it is not done again.
    if (this.sent !== `${action} ${body}`) this.key = randomKey()
    this.sent = `${action} ${body}`
    this.#busy(form, true)
    try {
      const answer = await fetch(action, {
        method: "POST",
        body,
        headers: { Accept: KINDS, "Idempotency-Key": this.key, "Patchbook-Form": "1" },
      })
      const told = await answer.json().catch(() => ({}))
      if (answer.ok && told.location) {
        this.sent = undefined
        goTo(told.location)
        return
      }
      if (answer.ok) {
        this.sent = undefined
        this.#say(form, "")
        this.dispatchEvent(new CustomEvent("form:done", { bubbles: true, detail: told }))
      } else this.#refused(form, answer.status, told.detail)
    } catch {
      this.#say(form, "No connection: nothing is known to have been done. Press again when it is back; it is not done twice.")
    }
    this.#busy(form, false)
  }

  #refused(form, status, detail) {
    if (status !== 503 && status !== 429) this.sent = undefined
    const signedOut = status === 401
    this.#say(form, signedOut ? "Your session has ended, and nothing was done. " : (detail ?? `The server answered ${status}.`))
    if (!signedOut) return
    const link = Object.assign(document.createElement("a"), { href: "/sign-in?next=/signed-in", target: "_blank" })
    link.textContent = "Sign in in another tab, then press again; what you typed stays here."
    form.querySelector(".refusal").append(link)
  }

  #say(form, sentence) {
    let place = form.querySelector(".refusal")
    if (!place) {
      place = document.createElement("p")
      place.className = "refusal"
      place.setAttribute("role", "alert")
      const before = form.querySelector(".actions, button:not([type=button])")
      if (before) before.before(place)
      else form.append(place)
    }
    place.textContent = sentence
    place.hidden = sentence === ""
  }

  #busy(form, is) {
    for (const button of form.querySelectorAll("button")) button.disabled = is
    form.setAttribute("aria-busy", String(is))
  }
}

/** Go to an address of ours; to a place on this very page by reading it anew, which following a link would not do. */
function goTo(address) {
  const next = new URL(address, location.href)
  const isHere = next.pathname === location.pathname && next.search === location.search
  location.assign(next)
  if (isHere && next.hash) location.reload()
}

function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}

customElements.define("safe-form", SafeForm)
