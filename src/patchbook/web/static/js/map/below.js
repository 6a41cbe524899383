// @ts-check
/** What a map shows below its accounts: territories by county, a measure by county or as heat, or where nobody is. */

import { bounds, classOf, heat, sums } from "./amounts.js";
import { Areas } from "./areas.js";
import { GAP, RAMP } from "./ground.js";
import { floats, numbers } from "./loading.js";
import { NOBODY } from "./places.js";

/** @typedef {"points" | "counties" | "measure" | "heat" | "gaps"} Mode */
/** @typedef {import("../plan-map.js").PlanMap} PlanMap */

/** How large accounts are drawn in each mode. @type {Record<Mode, number>} */
const SCALES = { points: 1, counties: 0.8, measure: 0.7, heat: 0.5, gaps: 1 };
const EMPTY = { type: "FeatureCollection", features: [] };

export class Below {
  /** @param {PlanMap} element */
  constructor(element) {
    this.element = element;
    this.legend = document.createElement("div");
    this.legend.className = "map-legend";
    this.legend.hidden = true;
    element.append(this.legend);
    /** What `measures` named and was fetched. @type {Map<string, Promise<Float32Array>>} */
    this.fetched = new Map();
  }

  /**
   * Fetch what the mode needs, then paint it.
   * @param {AbortSignal} signal
   */
  async show(signal) {
    const { element } = this, mode = element.mode;
    const layer = element.layer;
    if (!layer) return;
    layer.scale = SCALES[mode];
    layer.ringed = mode === "counties";
    const asked = (this.asked = {});
    try {
      const byCounty = mode === "counties" || mode === "measure" || mode === "gaps";
      if (byCounty && !this.areas && element.hasAttribute("counties")) {
        const [counties, outlines] = await Promise.all([
          numbers(element.getAttribute("counties") ?? "", signal),
          element.outlines("us-counties", signal),
        ]);
        if (outlines) this.areas ??= new Areas(element.map, counties, outlines);
      }
      this.values = mode === "measure" || mode === "heat" ? await this.measure(signal) : undefined;
    } catch (/** @type {any} */ error) {
      if (!signal.aborted) element.say(error.message);
      return;
    }
    // Of several modes asked for one after the other the last counts.
    if (this.asked === asked && element.map) element.paint();
  }

  /** @param {AbortSignal} signal */
  measure(signal) {
    const urls = JSON.parse(this.element.getAttribute("measures") ?? "{}");
    const url = urls[this.name];
    if (!url) throw new Error(`The plan has no measure ${this.name || "to show"}.`);
    const found = this.fetched.get(url) ?? floats(url, signal);
    this.fetched.set(url, found);
    return found;
  }

  /** The measure shown; the first there is where none is named. */
  get name() {
    return this.element.getAttribute("measure") ?? Object.keys(JSON.parse(this.element.getAttribute("measures") ?? "{}"))[0] ?? "";
  }

  paint() {
    const { element, areas } = this, mode = element.mode;
    const wanted = mode === "counties" ? this.territories() : mode === "measure" ? this.amounts() : mode === "gaps" ? this.gaps() : new Map();
    areas?.show(wanted);
    const values = this.values;
    const isHeat = mode === "heat" && values !== undefined;
    if (isHeat || this.isHot) {
      element.map.getSource("heat")?.setData(isHeat ? heat(/** @type {any} */ (element.places), values, (account) => element.counts(account)) : EMPTY);
    }
    this.isHot = isHeat;
    if (mode === "points" || mode === "counties") this.tell(null, []);
    if (mode === "heat") this.tell(this.name, [["Little", 0], ["Much", element.theme.ramp.length - 1]].map(([text, step]) => [text, element.theme.ramp[Number(step)]]));
  }

  territories() {
    const { element } = this;
    const colours = element.territoryList.map((one) => one.colour);
    return this.areas?.byOwner(element.owners, colours, element.pickedIndices) ?? new Map();
  }

  amounts() {
    const wanted = new Map();
    if (!this.areas || !this.values) return wanted;
    const found = sums(this.areas.counties, this.values, (account) => this.element.counts(account));
    const lower = bounds(found.values());
    for (const [county, amount] of found) wanted.set(county, { colour: RAMP + classOf(amount, lower), strength: 0.9 });
    const steps = lower.map((bound, at) => [
      at + 1 < lower.length ? `${short(bound)} to ${short(lower[at + 1])}` : `${short(bound)} and more`,
      this.element.theme.ramp[classOf(bound, lower)],
    ]);
    this.tell(`${this.name} by county`, steps);
    return wanted;
  }

  gaps() {
    const { element, areas } = this;
    const wanted = new Map(), all = new Map();
    let open = 0;
    for (let account = 0; account < element.owners.length; account++) {
      const county = areas ? areas.counties[account] : NOBODY;
      const isOpen = !element.isCovered(account);
      if (isOpen) open += 1;
      if (county === NOBODY) continue;
      const [missing, there] = all.get(county) ?? [0, 0];
      all.set(county, [missing + (isOpen ? 1 : 0), there + 1]);
    }
    for (const [county, [missing, there]] of all) {
      if (missing) wanted.set(county, { colour: GAP, strength: Math.round((0.2 + (0.5 * missing) / there) * 100) / 100 });
    }
    const text = `${open.toLocaleString()} of ${element.owners.length.toLocaleString()} accounts have nobody`;
    this.tell(text, [["A county with such accounts, the stronger the more of its own", element.theme.warn]]);
    return wanted;
  }

  /**
   * Say what colours mean.
   * @param {string | null} title @param {(string | number)[][]} lines text and colour
   */
  tell(title, lines) {
    this.legend.hidden = title === null;
    const heading = document.createElement("strong");
    heading.textContent = title ?? "";
    const list = document.createElement("ul");
    for (const [text, colour] of lines) {
      const line = document.createElement("li"), patch = document.createElement("i");
      patch.style.backgroundColor = String(colour);
      line.append(patch, String(text));
      list.append(line);
    }
    this.legend.replaceChildren(heading, list);
  }
}

/** @param {number} amount */
function short(amount) {
  return amount.toLocaleString(undefined, { notation: "compact", maximumSignificantDigits: 3 });
}
