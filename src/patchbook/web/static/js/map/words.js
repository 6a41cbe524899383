// @ts-check
/** What a map says in words. */

/** @typedef {import("./loading.js").Territory} Territory */

/**
 * Say beside the mouse what an account is and who has it; nothing for an account below 0.
 * @param {HTMLElement} tip
 * @param {{called: string | undefined, territory: Territory | undefined, account: number, x: number, y: number, wide: number}} about
 */
export function tellOf(tip, { called, territory, account, x, y, wide }) {
  tip.hidden = account < 0;
  if (account < 0) return;
  const holder = territory?.person ? territory.person_name : "vacant";
  const who = territory ? [...new Set([territory.name, holder])].filter(Boolean).join(" · ") : "nobody’s";
  tip.textContent = called ? `${called}: ${who}` : who;
  const flip = x > wide / 2;
  tip.style.transform = `translate(${x + (flip ? -12 : 12)}px, ${y + 12}px)${flip ? " translateX(-100%)" : ""}`;
}

/**
 * How many accounts a map does not show.
 * @param {import("./places.js").Places} places
 */
export function unplaced(places) {
  const missing = places.count - places.placed;
  if (!missing) return "";
  return `${missing.toLocaleString()} of ${places.count.toLocaleString()} accounts have no place, and are in the table only.`;
}
