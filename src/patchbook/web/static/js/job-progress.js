// @ts-check
// <job-progress src="…"> asks once a second how far a job is, says it, and goes where the answer says once it is done.

const EVERY_MILLISECONDS = 700
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
      const answer = await fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } })
      const told = await answer.json()
      if (ENDED.has(told.status)) {
        if (told.location) location.replace(told.location)
        else location.reload()
        return
      }
      const place = this.querySelector("[role=status]")
      const says = `${told.says || "Waiting for its turn"}…`
      if (place && place.textContent !== says) place.textContent = says
    } catch {
      // no connection for now; the job goes on
    }
    if (this.isConnected) this.timer = setTimeout(this.#ask, EVERY_MILLISECONDS)
  }
}

customElements.define("job-progress", JobProgress)
