// @ts-check
/**
 * `<plan-map>`: the accounts of a plan where they are, in the colours of who has them.
 *
 * Attributes: `geometry` (JSON: layer → address), `points`, `counties`, `ids`, `ownership`, `territories` (addresses),
 * `measures` (JSON: name → address), `measure` (its name), `mode` (`points`, `counties`, `measure`, `heat` or `gaps`),
 * `brush-to` (the territory a brush paints with), `readonly`.
 * Events: `map:drawn`, `map:selected` {ids}, `map:brushed` {ids, territory}, `map:unavailable` {why}.
 */

import { Below } from "./map/below.js";
import { ABOVE_ACCOUNTS, isAmerican, loadOnZoom, namesOf, paints, styleOf } from "./map/ground.js";
import { drawsMaps, floats, json, library, numbers } from "./map/loading.js";
import { NOBODY, Places } from "./map/places.js";
import { DIMMED, PointsLayer } from "./map/points-layer.js";
import { Selecting } from "./map/selecting.js";
import { themeOf, whenThemeChanges } from "./map/theme.js";
import { offer, press, toolbar } from "./map/tools.js";

/** @typedef {import("./map/loading.js").Territory} Territory */

const NO_COLOUR = 11;
const CONTIGUOUS_US = { west: -124.8, south: 24.5, east: -66.9, north: 49.4 };
const OFF = "This browser does not draw maps: WebGL is off or missing. The table has the same accounts.";

export class PlanMap extends HTMLElement {
  static observedAttributes = ["ownership", "territories", "mode", "measure", "brush-to", "readonly"];

  constructor() {
    super();
    /** @type {string[]} */
    this.ids = [];
    /** What accounts are called, where that is known. @type {string[]} */
    this.names = [];
    /** @type {Map<string, number>} */
    this.numberOf = new Map();
    /** @type {Uint16Array} */
    this._owners = new Uint16Array(0);
    /** @type {Territory[]} */
    this._territories = [];
    /** @type {Set<number>} */
    this._selected = new Set();
    /** @type {Set<string>} */
    this._wantedSelection = new Set();
    /** @type {Set<string>} */
    this._wantedPicked = new Set();
    /** @type {Set<number>} */
    this._picked = new Set();
    /** @type {any} */
    this.theme = null;
    /** @type {Set<number>} */
    this._stroke = new Set();
    /** @type {Map<string, Promise<any>>} */
    this._outlines = new Map();
    /** Fulfilled when the accounts are drawn, or when it is clear that they never will be. @type {Promise<void>} */
    this.ready = Promise.resolve();
  }

  connectedCallback() {
    this.ending = new AbortController();
    this.ground = document.createElement("div");
    this.ground.className = "map-ground";
    this.said = document.createElement("p");
    this.said.className = "map-said";
    this.said.setAttribute("role", "status");
    this.tip = document.createElement("div");
    this.tip.className = "map-tip";
    this.tip.hidden = true;
    this.append(this.ground, this.said, this.tip);
    if (!drawsMaps()) {
      this.fail(OFF);
      return;
    }
    this.said.textContent = "Drawing the map …";
    const signal = this.ending.signal;
    this.addEventListener("keydown", (event) => this.key(event), { signal });
    this.ready = this.begin(signal).catch((error) => {
      if (!signal.aborted) this.fail(error.message);
    });
  }

  disconnectedCallback() {
    this.ending?.abort();
    this.stopTheme?.();
    this.selecting?.end();
    this.map?.remove();
    this.map = this.layer = this.below = this.places = this.selecting = this.tools = undefined;
    this._outlines.clear();
    this.classList.remove("map-is-off");
    this.replaceChildren(...[...this.children].filter((child) => child.tagName === "NOSCRIPT"));
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (!this.map || before === now) return;
    if (name === "ownership" || name === "territories") this.refresh();
    if (name === "mode" || name === "measure") this.showBelow();
    if (name === "brush-to" || name === "readonly") this.offerTools();
  }

  /** The number of its territory for each account, in the order of the ids; 65535 for none. Set it to repaint. */
  get owners() {
    return this._owners;
  }

  set owners(owners) {
    this._owners = owners;
    this.paint();
  }

  /** The accounts that are selected, by id. */
  get selection() {
    return [...this._selected].map((account) => this.ids[account]);
  }

  /** @param {Iterable<string>} ids */
  set selection(ids) {
    this._wantedSelection = new Set(ids);
    this._selected = this.numbersOf(this._wantedSelection);
    this.showSelected();
  }

  /** The territories that stand out while the others are dimmed, by name; none: all are as they are. */
  get picked() {
    return [...this._wantedPicked];
  }

  /** @param {Iterable<string>} names */
  set picked(names) {
    this._wantedPicked = new Set(names);
    this._picked = new Set(this._territories.filter((one) => this._wantedPicked.has(one.name)).map((one) => one.index));
    this.paint();
  }

  /**
   * Show accounts in another territory, before or after the server says so.
   * @param {Iterable<string>} ids @param {string | null} territory
   */
  move(ids, territory) {
    const index = this._territories.find((one) => one.name === territory)?.index ?? NOBODY;
    for (const account of this.numbersOf(ids)) this._owners[account] = index;
    this.paint();
  }

  /** Ask the server who has which account now. */
  async refresh() {
    const signal = this.ending?.signal;
    if (!signal || !this.hasAttribute("ownership")) return;
    const asked = (this.asked = {});
    const [owners, territories] = await Promise.all([
      numbers(this.getAttribute("ownership") ?? "", signal),
      json(this.getAttribute("territories") ?? "", signal),
    ]).catch((error) => {
      if (!signal.aborted) this.say(error.message);
      return [null, null];
    });
    // Of two answers under way the one that was asked for last counts.
    if (owners === null || this.asked !== asked) return;
    this.take(owners, territories);
  }

  /**
   * Show these accounts as large as the map allows; without ids, nearly all there are.
   * @param {Iterable<string>} [ids]
   */
  fitTo(ids) {
    const box = ids ? (this.places?.box(this.numbersOf(ids)) ?? CONTIGUOUS_US) : this.whole();
    const padding = Math.min(40, (this.ground?.clientWidth ?? 400) / 10);
    const bounds = [[box.west, box.south], [box.east, box.north]];
    this.map?.fitBounds(bounds, { padding, maxZoom: 10, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  }

  /** @param {AbortSignal} signal */
  async begin(signal) {
    // The land is under way before there is a map to draw it.
    for (const layer of ["countries-coarse", "us-states"]) this.outlines(layer, signal).catch(() => {});
    const [maplibre, { degrees, owners, territories }] = await Promise.all([library(), this.load(signal)]);
    if (signal.aborted) return;
    this.places = new Places(degrees);
    await this.draw(maplibre, signal);
    this.take(owners, territories);
    const drawn = new Promise((done) => this.map.once("render", done));
    this.layer?.repaint();
    await drawn;
    this.say(unplaced(this.places));
    this.dispatch("map:drawn", { accounts: this.places.count });
    await this.learnIds(signal);
  }

  /**
   * Where the accounts are, and who has them.
   * @param {AbortSignal} signal
   * @returns {Promise<{degrees: Float32Array, owners: Uint16Array, territories: Territory[]}>}
   */
  async load(signal) {
    const at = (/** @type {string} */ name) => this.getAttribute(name) ?? "";
    const [degrees, owners, territories] = await Promise.all([
      this.hasAttribute("points") ? floats(at("points"), signal) : new Float32Array(0),
      this.hasAttribute("ownership") ? numbers(at("ownership"), signal) : new Uint16Array(0),
      this.hasAttribute("territories") ? json(at("territories"), signal) : [],
    ]);
    return { degrees, owners, territories };
  }

  /** The box of nearly all accounts; where they are all over the United States, that country. */
  whole() {
    const box = this.places?.box();
    if (!box) return CONTIGUOUS_US;
    const american = isAmerican(box.west, box.south) && isAmerican(box.east, box.north);
    return american && box.west > -130 && box.east - box.west > 30 ? CONTIGUOUS_US : box;
  }

  /**
   * A layer of the ground, fetched once; nothing where the page names none.
   * @param {string} layer @param {AbortSignal} signal
   */
  outlines(layer, signal) {
    const url = JSON.parse(this.getAttribute("geometry") ?? "{}")[layer];
    const found = this._outlines.get(layer) ?? (url ? json(url, signal) : Promise.resolve(null));
    this._outlines.set(layer, found);
    return found;
  }

  /** @param {any} maplibre @param {AbortSignal} signal */
  async draw(maplibre, signal) {
    const box = this.whole();
    const theme = (this.theme = themeOf(this));
    this.map = new maplibre.Map({
      container: this.ground,
      style: styleOf(theme),
      bounds: [[box.west, box.south], [box.east, box.north]],
      fitBoundsOptions: { padding: 24, maxZoom: 10 },
      maxZoom: 13,
      attributionControl: false,
      renderWorldCopies: false,
      boxZoom: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      locale: { "Map.Title": this.getAttribute("label") ?? "Map of accounts" },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    const missing = (/** @type {Error} */ error) => !signal.aborted && this.say(`A part of the map is missing. ${error.message}`);
    this.map.on("error", (/** @type {any} */ event) => missing(event.error ?? new Error("Load the page again.")));
    this.map.on("webglcontextrestored", () => this.map.once("idle", () => this.comeBack()));
    await new Promise((done) => this.map.once("style.load", done));
    if (signal.aborted || !this.places) return;
    this.layer = new PointsLayer(this.places, theme);
    this.map.addLayer(this.layer, ABOVE_ACCOUNTS);
    this.loadMore = loadOnZoom(this.map, {
      fetch: (layer) => this.outlines(layer, signal),
      missing,
      paintsCounties: () => !["points", "heat"].includes(this.mode),
      isAbroad: !isAmerican((box.west + box.east) / 2, (box.south + box.north) / 2) || box.east - box.west > 120,
    });
    this.below = new Below(this);
    this.stopTheme = whenThemeChanges(() => this.restyle());
    this.tools = toolbar((does) => this.act(does));
    this.append(this.tools);
    this.selecting = new Selecting(/** @type {HTMLElement} */ (this.ground), {
      map: this.map,
      places: this.places,
      select: (accounts, adding) => this.choose(accounts, adding),
      brush: (accounts) => this.brushOver(accounts),
      brushed: () => this.endStroke(),
      hover: (account, x, y) => this.tell(account, x, y),
    });
    this.offerTools();
  }

  /** The graphics card forgot everything, as it may when a computer wakes up: give it all again. */
  comeBack() {
    if (!this.map || !this.layer || !this.places) return;
    const selected = this.layer.selected;
    this.layer = new PointsLayer(this.places, themeOf(this));
    this.layer.selected = selected;
    this.map.addLayer(this.layer, ABOVE_ACCOUNTS);
    if (this.below?.areas) this.below.areas.shown = new Map();
    this.showBelow();
  }

  /** @param {AbortSignal} signal */
  async learnIds(signal) {
    if (this.hasAttribute("ids")) this.ids = await json(this.getAttribute("ids") ?? "", signal);
    this.numberOf = new Map(this.ids.map((id, account) => [id, account]));
    if (this._wantedSelection.size) this.selection = this._wantedSelection;
    // What was chosen while the ids were under way is told now.
    else if (this._selected.size) this.dispatch("map:selected", { ids: this.selection });
    this.offerTools();
    this.dispatch("map:ready", {});
  }

  /** @param {Uint16Array} owners @param {Territory[]} territories */
  take(owners, territories) {
    this._territories = territories;
    this._picked = new Set(territories.filter((one) => this._wantedPicked.has(one.name)).map((one) => one.index));
    this._owners = owners;
    const middles = this.places?.middles(owners, territories.length) ?? [];
    this.map?.getSource("names")?.setData(namesOf(territories, middles));
    this.paint();
    this.showBelow();
  }

  /** Give every account and area the colour of who has it now. */
  paint() {
    const { layer, places } = this;
    if (!layer || !places) return;
    const colours = this._territories.map((one) => one.colour);
    const gaps = this.mode === "gaps";
    for (let account = 0; account < places.count; account++) {
      const owner = this._owners[account] ?? NOBODY;
      layer.colour[account] = owner === NOBODY ? NO_COLOUR : (colours[owner] ?? NO_COLOUR);
      layer.look[account] = !this.counts(account) || (gaps && this.isCovered(account)) ? DIMMED : 0;
    }
    layer.stale.colour = layer.stale.look = true;
    this.below?.paint();
    layer.repaint();
  }

  /** What lies below the accounts. @returns {import("./map/below.js").Mode} */
  get mode() {
    const mode = this.getAttribute("mode") ?? "points";
    return /** @type {any} */ (["counties", "measure", "heat", "gaps"].includes(mode) ? mode : "points");
  }

  set mode(mode) {
    this.setAttribute("mode", mode);
  }

  get territoryList() {
    return this._territories;
  }

  get pickedIndices() {
    return this._picked;
  }

  /** @param {number} account whether it is of a territory that is picked, or none is */
  counts(account) {
    return !this._picked.size || this._picked.has(this._owners[account]);
  }

  /** @param {number} account whether somebody has it */
  isCovered(account) {
    return Boolean(this._territories[this._owners[account]]?.person);
  }

  showBelow() {
    if (!this.layer || !this.ending) return;
    this.loadMore?.();
    this.layer.repaint();
    return this.below?.show(this.ending.signal);
  }

  restyle() {
    if (!this.layer || !this.map) return;
    this.theme = this.layer.theme = themeOf(this);
    for (const [layer, property, value] of paints(this.theme)) this.map.setPaintProperty(layer, property, value);
    this.below?.paint();
    this.layer.repaint();
  }

  /** @param {number[]} accounts @param {boolean} adding */
  choose(accounts, adding) {
    if (adding) {
      // One that is selected already is taken out; a group is always put in.
      const [only] = accounts;
      if (accounts.length === 1 && this._selected.has(only)) this._selected.delete(only);
      else accounts.forEach((account) => this._selected.add(account));
    } else {
      this._selected = new Set(accounts);
    }
    this.showSelected();
    if (this.ids.length) this.dispatch("map:selected", { ids: this.selection });
  }

  showSelected() {
    if (!this.layer) return;
    this.layer.selected = Uint32Array.from(this._selected);
    this.layer.stale.selected = true;
    this.layer.repaint();
  }

  /** @param {number[]} accounts */
  brushOver(accounts) {
    const index = this._territories.find((one) => one.name === this.getAttribute("brush-to"))?.index;
    if (index === undefined || !this.layer) return;
    for (const account of accounts) {
      if (this._owners[account] === index) continue;
      this._owners[account] = index;
      this._stroke.add(account);
      this.layer.colour[account] = this._territories[index].colour;
    }
    this.layer.stale.colour = true;
    this.layer.repaint();
  }

  endStroke() {
    const ids = [...this._stroke].map((account) => this.ids[account]);
    this._stroke.clear();
    if (!ids.length) return;
    this.paint();
    this.dispatch("map:brushed", { ids, territory: this.getAttribute("brush-to") });
  }

  /** @param {number} account @param {number} x @param {number} y */
  tell(account, x, y) {
    if (!this.tip || !this.ground) return;
    this.tip.hidden = account < 0;
    if (account < 0) return;
    const territory = this._territories[this._owners[account]];
    const holder = territory?.person ? territory.person_name : "vacant";
    const who = territory ? [...new Set([territory.name, holder])].filter(Boolean).join(" · ") : "nobody’s";
    const called = this.names[account] ?? this.ids[account];
    this.tip.textContent = called ? `${called}: ${who}` : who;
    const flip = x > this.ground.clientWidth / 2;
    this.tip.style.transform = `translate(${x + (flip ? -12 : 12)}px, ${y + 12}px)${flip ? " translateX(-100%)" : ""}`;
  }

  /** @param {string} does */
  act(does) {
    if (does === "zoom-in") this.map?.zoomIn();
    else if (does === "zoom-out") this.map?.zoomOut();
    else if (does === "reset") this.fitTo();
    else this.use(/** @type {any} */ (this.selecting?.tool === does ? "pan" : does));
  }

  /** @param {"pan" | "box" | "lasso" | "brush"} tool */
  use(tool) {
    this.selecting?.use(tool);
    if (this.tools) press(this.tools, tool);
  }

  offerTools() {
    if (!this.tools) return;
    const target = this.getAttribute("brush-to");
    const paintable = target !== null && !this.hasAttribute("readonly") && this.ids.length > 0;
    offer(this.tools, "brush", paintable, `Paint accounts: ${target}`);
    if (!paintable && this.selecting?.tool === "brush") this.use("pan");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      this.selecting?.cancel();
      if (this.selecting?.tool !== "pan") this.use("pan");
      else if (this._selected.size) this.choose([], false);
    } else if (event.key === "l") this.act("lasso");
    else if (event.key === "b") this.act("box");
  }

  /** @param {Iterable<string | number>} ids */
  numbersOf(ids) {
    const found = new Set();
    for (const id of ids) {
      const account = this.numberOf.get(String(id));
      if (account !== undefined) found.add(account);
    }
    return found;
  }

  /** @param {string} text */
  say(text) {
    if (this.said) this.said.textContent = text;
  }

  /** @param {string} why */
  fail(why) {
    this.classList.add("map-is-off");
    this.say(why);
    this.dispatch("map:unavailable", { why });
  }

  /** @param {string} name @param {object} detail */
  dispatch(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }
}

/** @param {Places} places */
function unplaced(places) {
  const missing = places.count - places.placed;
  if (!missing) return "";
  const count = (/** @type {number} */ number) => number.toLocaleString(document.documentElement.lang || undefined);
  return `${count(missing)} of ${count(places.count)} accounts have no place, and are in the table only.`;
}

customElements.define("plan-map", PlanMap);
