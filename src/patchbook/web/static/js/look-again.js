// @ts-check
// <look-again id="…">: while something in it is marked `data-running`, fetches its page and shows its own part anew.

const EVERY_MILLISECONDS = 700

class LookAgain extends HTMLElement {
  connectedCallback() {
    this.#wait()
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
  }

  #wait() {
    if (this.isConnected && this.querySelector("[data-running]")) this.timer = setTimeout(this.#look, EVERY_MILLISECONDS)
  }

  #look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } })
      const page = new DOMParser().parseFromString(await answer.text(), "text/html")
      const now = page.getElementById(this.id)
      if (answer.ok && now) this.replaceChildren(...now.childNodes)
    } catch {
      // no connection for now; the work goes on without whoever looks
    }
    this.#wait()
  }
}

customElements.define("look-again", LookAgain)
