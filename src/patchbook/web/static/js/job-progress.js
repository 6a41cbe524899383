// @ts-check
// <job-progress>: asks its page how far the work is, says so, and goes on when it is done. Nothing is lost by leaving.

const EVERY_MS = 500

class JobProgress extends HTMLElement {
  connectedCallback() {
    this.timer = setTimeout(this.#ask, EVERY_MS)
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
  }

  #ask = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "application/json" } })
      if (answer.ok) {
        const told = await answer.json()
        if (told.location) return location.replace(told.location)
        if (told.is_over) return location.reload()
        this.#say(told.progress)
      }
    } catch {
      this.#say("No connection; the work goes on without it.")
    }
    if (this.isConnected) this.timer = setTimeout(this.#ask, EVERY_MS)
  }

  /** @param {string} words */
  #say(words) {
    const place = this.querySelector("[role=status]")
    if (place && place.textContent !== words) place.textContent = words
  }
}

customElements.define("job-progress", JobProgress)
