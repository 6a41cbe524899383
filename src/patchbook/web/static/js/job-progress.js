// @ts-check
// <job-progress src="…"> (its own page without src): asks how far work is, says so, and goes on when it has ended.
//
// The answer is JSON: `location` is where to go, `is_over` or an ended `status` asks for the page anew, else `progress`
// or `says` is told. Nothing is lost by leaving: the work goes on without whoever looks.
//
// Words such as "3 of 15" or "40%" move a <progress>. With `part` and `into`, each time there is something new to say that part
// of a page is put into the element of that id.

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
    if (!place || place.textContent === words) return
    place.textContent = words
    const [, done, all] = /(\d+) of (\d+)/.exec(words) ?? []
    const bar = this.querySelector("progress")
    const [, share] = /(\d+)%/.exec(words) ?? []
    if (bar && all) Object.assign(bar, { max: Number(all), value: Number(done) - 1 })
    else if (bar && share) Object.assign(bar, { max: 100, value: Number(share) })
    this.#show()
  }

  /** Puts the part in, unless somebody reads or fills in what is there. */
  async #show() {
    const part = this.getAttribute("part")
    const place = document.getElementById(this.getAttribute("into") ?? "")
    if (!part || !place || place.contains(document.activeElement)) return
    const answer = await fetch(part + location.search, { headers: { "HX-Request": "true" } }).catch(() => null)
    if (answer?.ok) place.innerHTML = await answer.text()
  }
}

customElements.define("job-progress", JobProgress)
