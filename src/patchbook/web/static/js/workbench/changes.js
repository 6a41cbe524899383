// @ts-check
/**
 * Every form of the workbench, sent without leaving the page: what went wrong is said where it was pressed, what was
 * typed stays, and the same press sent again has the same key, so that nothing is done twice.
 */

export class Changes {
  /** @param {import("./plan-workbench.js").PlanWorkbench} bench */
  constructor(bench) {
    this.bench = bench
    /** @type {WeakMap<HTMLFormElement, {sent: string, key: string}>} */
    this.sent = new WeakMap()
    bench.addEventListener("submit", (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target)
      if (!form.matches("form.wb-form")) return
      event.preventDefault()
      this.send(form, /** @type {SubmitEvent} */ (event).submitter)
    }, { signal: bench.signal })
  }

  /** @param {HTMLFormElement} form @param {HTMLElement | null} [button] */
  async send(form, button) {
    if (form.getAttribute("aria-busy") === "true") return
    const data = new FormData(form)
    if (data.has("revision")) data.set("revision", String(this.bench.revision))
    const body = new URLSearchParams(/** @type {any} */ (data))
    const { answer, told } = await this.post(form.action, body, form, button)
    if (!answer) return
    if (answer.ok && told.location) return this.bench.carving.went(told.location, form)
    if (answer.ok) this.done(form, told)
    else await this.refused(form, answer.status, told.detail)
  }

  /**
   * @param {string} action @param {URLSearchParams} body @param {HTMLFormElement | null} form @param {HTMLElement | null} [button]
   * @returns {Promise<{answer: Response | null, told: any}>}
   */
  async post(action, body, form, button) {
    const text = `${action} ${body}`
    const before = form ? this.sent.get(form) : undefined
    const key = before?.sent === text ? before.key : randomKey()
    if (form) this.sent.set(form, { sent: text, key })
    busy(form, button, true)
    try {
      const answer = await fetch(action, {
        method: "POST", body,
        headers: { Accept: "application/json, application/problem+json", "Idempotency-Key": key, "Patchbook-Form": "1" },
      })
      const told = await answer.json().catch(() => ({}))
      if (form && answer.status !== 503 && answer.status !== 429) this.sent.delete(form)
      return { answer, told }
    } catch {
      this.say(form, "No connection: it is not known whether it was done. Press again when it is back; it is not done twice.")
      return { answer: null, told: {} }
    } finally {
      busy(form, button, false)
    }
  }

  /** @param {HTMLFormElement} form @param {any} told */
  done(form, told) {
    this.say(form, "")
    const moved = form.matches(".effect") && !told.proposal
    if (moved) {
      const data = new FormData(form)
      this.bench.map?.moved(String(data.get("accounts")).split("\n"), String(data.get("to")))
    }
    if (form.matches(".effect")) this.bench.panel?.close()
    const dialog = form.closest("dialog")
    if (dialog) {
      form.reset()
      dialog.close()
    }
    this.bench.revision = Math.max(this.bench.revision, told.revision ?? 0)
    this.bench.say(told.said ?? "Done.")
    this.bench.catchUp()
    if (!moved) this.bench.map?.refresh()
  }

  /** @param {HTMLFormElement} form @param {number} status @param {string | undefined} detail */
  async refused(form, status, detail) {
    const more = form.querySelector("[data-overrule]")
    if (more && detail?.includes("may overrule")) more.removeAttribute("hidden")
    if (status === 401) detail = "Your session has ended, and nothing was done. Sign in again in another tab, then press again."
    this.say(form, detail ?? `The server answered ${status}.`)
    if (status === 409 && !detail?.includes("overrule")) {
      // Somebody was quicker: show what is there now; pressed again it is made on that.
      await this.bench.catchUp()
      await this.bench.map?.refresh()
      this.say(form, detail ?? "Somebody else changed the plan meanwhile.")
    }
  }

  /** @param {HTMLFormElement | null} form @param {string} sentence */
  say(form, sentence) {
    const place = /** @type {HTMLElement | null} */ (form?.querySelector(".refusal[role=alert]") ?? form?.closest(".carving")?.querySelector(".refusal[role=alert]") ?? null)
    if (!place) return sentence ? this.bench.say(sentence, true) : undefined
    place.textContent = sentence
    place.hidden = sentence === ""
  }
}

/** @param {HTMLFormElement | null} form @param {HTMLElement | null | undefined} button @param {boolean} is */
function busy(form, button, is) {
  form?.setAttribute("aria-busy", String(is))
  if (button instanceof HTMLButtonElement) button.disabled = is
}

export function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}
