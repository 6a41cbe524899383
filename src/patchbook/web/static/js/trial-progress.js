// <trial-progress src="…/progress" part="…">: says how far a trial is, and shows each point when it is there.
// @ts-check

const EVERY_MS = 1000

class TrialProgress extends HTMLElement {
  connectedCallback() {
    this.timer = setTimeout(this.#look, EVERY_MS)
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
  }

  #look = async () => {
    try {
      const answer = await fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } })
      if (!answer.ok) throw new Error(String(answer.status))
      const told = await answer.json()
      if (told.over) {
        location.reload()
        return
      }
      await this.#say(told.says)
    } catch {
      // No connection just now: the trial goes on without us, and we look again.
    }
    if (this.isConnected) this.timer = setTimeout(this.#look, EVERY_MS)
  }

  /** @param {string} says */
  async #say(says) {
    const place = this.querySelector("[data-says]")
    if (!place || place.textContent === says) return
    place.textContent = says
    const [, done, all] = /(\d+) of (\d+)/.exec(says) ?? []
    const bar = this.querySelector("progress")
    if (bar && all) Object.assign(bar, { max: Number(all), value: Number(done) - 1 })
    const points = document.getElementById("points")
    // What one is reading or filling in is not pulled away; the points come when all are there.
    if (!points || points.contains(document.activeElement)) return
    const part = this.getAttribute("part") + location.search
    const answer = await fetch(part, { headers: { "HX-Request": "true" } })
    if (answer.ok) points.innerHTML = await answer.text()
  }
}

customElements.define("trial-progress", TrialProgress)
