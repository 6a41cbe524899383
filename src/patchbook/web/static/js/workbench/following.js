// @ts-check
/** What others do in the plan, as they do it; and what was missed while one was away. */

export class Following {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    document.addEventListener("visibilitychange", () => (document.hidden ? this.end() : this.begin()), { signal: bench.signal })
    addEventListener("pagehide", () => this.end(), { signal: bench.signal })
    addEventListener("pageshow", (event) => event.persisted && this.begin(), { signal: bench.signal })
    this.begin()
  }

  begin() {
    if (this.events || document.hidden) return
    this.events = new EventSource(`${this.bench.base}/events?after=${this.bench.revision}`)
    this.events.addEventListener("revision", (event) => this.heard(JSON.parse(event.data)))
    this.events.addEventListener("here", () => (this.bench.dataset.following = "yes"))
    this.events.addEventListener("ended", (event) => {
      this.end()
      this.bench.say(JSON.parse(event.data), true)
    })
  }

  end() {
    this.events?.close()
    this.events = undefined
  }

  /** @param {{revision: number, by: string, name: string, what: string, moved: Record<string, number[]> | null}} told */
  heard(told) {
    const isNew = told.revision > this.bench.revision
    this.bench.revision = Math.max(this.bench.revision, told.revision)
    this.bench.map?.heard(told.moved)
    if (told.by !== this.bench.me || isNew) {
      if (told.by !== this.bench.me) this.bench.say(`${told.name} ${told.what}.`)
      if (!this.bench.hasAttribute("carved")) return location.reload()
      // Several revisions at once are one look.
      clearTimeout(this.waiting)
      this.waiting = setTimeout(() => this.bench.catchUp(), 60)
    }
  }
}
