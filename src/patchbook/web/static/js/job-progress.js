// @ts-check
// <job-progress src="…"> (its own page without src): asks how far work is, says so, and goes on when it has ended.
//
// The answer is JSON: `location` is where to go, `is_over` or an ended `status` asks for the page anew, else `progress`
// or `says` is told. Nothing is lost by leaving: the work goes on without whoever looks.

const EVERY_MILLISECONDS = 600
const ENDED = new Set(["none", "done", "stopped", "refused", "failed"])

class JobProgress extends HTMLElement {
  connectedCallback() {
    this.timer = setTimeout(this.#ask, EVERY_MILLISECONDS)
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
  }

  #ask = async () => {
    try {
      const answer = await fetch(this.getAttribute("src") ?? location.href, { headers: { Accept: "application/json" } })
      if (answer.ok) {
        const told = await answer.json()
        if (told.location) return location.replace(told.location)
        if (told.is_over || ENDED.has(told.status)) return location.reload()
        this.#say(told.progress || told.says || "Waiting for its turn")
      }
    } catch {
      this.#say("No connection; the work goes on without it.")
    }
    if (this.isConnected) this.timer = setTimeout(this.#ask, EVERY_MILLISECONDS)
  }

  /** @param {string} words */
  #say(words) {
    const place = this.querySelector("[role=status]")
    if (place && place.textContent !== words) place.textContent = words
  }
}

customElements.define("job-progress", JobProgress)
