// <time datetime> in the viewer's zone, <data value> in the viewer's locale; also for what is put in later.

/** @param {HTMLTimeElement} element */
function showTime(element) {
  const told = element.dateTime
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(told)
  const at = new Date(told)
  if (Number.isNaN(at.getTime())) return
  const form = isDay ? { dateStyle: "medium", timeZone: "UTC" } : { dateStyle: "medium", timeStyle: "short" }
  element.textContent = new Intl.DateTimeFormat(undefined, form).format(at)
  if (!isDay) element.title = `${told.replace("T", " ").replace("Z", "")} UTC`
}

/** @param {HTMLDataElement} element */
function showNumber(element) {
  const value = Number(element.value)
  const { digits, percent, currency, signed } = element.dataset
  if (!Number.isFinite(value) || (digits ?? percent ?? currency) === undefined) return
  const form = { signDisplay: signed === undefined ? "auto" : "exceptZero" }
  if (currency) Object.assign(form, { style: "currency", currency, maximumFractionDigits: 0 })
  else if (percent !== undefined) Object.assign(form, { style: "percent", maximumFractionDigits: Number(percent) })
  else Object.assign(form, { minimumFractionDigits: Number(digits), maximumFractionDigits: Number(digits) })
  element.textContent = new Intl.NumberFormat(undefined, form).format(value)
}

function showAll(root) {
  for (const element of root.querySelectorAll("time[datetime]")) showTime(element)
  for (const element of root.querySelectorAll("data[value]")) showNumber(element)
}

showAll(document)
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) {
      if (!(node instanceof Element)) continue
      if (node.matches("time[datetime]")) showTime(node)
      else if (node.matches("data[value]")) showNumber(node)
      else showAll(node)
    }
  }
}).observe(document.body, { childList: true, subtree: true })
