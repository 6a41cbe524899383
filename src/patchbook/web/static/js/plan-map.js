// @ts-check
/**
 * `<plan-map>`: the accounts of a plan where they are, in the colours of who has them.
 *
 * Attributes: `geometry` (JSON: layer → address), `points`, `counties`, `ids`, `ownership`, `territories` (addresses),
 * `mode` (`points` or `counties`), `brush-to` (the territory a brush paints with), `readonly`.
 * Events: `map:drawn`, `map:selected` {ids}, `map:brushed` {ids, territory}, `map:unavailable` {why}.
 */

import { Areas } from "./map/areas.js";
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
  static observedAttributes = ["ownership", "territories", "mode", "brush-to", "readonly"];

  constructor() {
    super();
    /** @type {string[]} */
    this.ids = [];
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
    /** @type {Set<number>} */
    this._picked = new Set();
    /** @type {Set<number>} */
    this._stroke = new Set();
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
    this.map = this.layer = this.areas = this.places = this.selecting = this.tools = undefined;
    this.classList.remove("map-is-off");
    this.replaceChildren(...[...this.children].filter((child) => child.tagName === "NOSCRIPT"));
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (!this.map || before === now) return;
    if (name === "ownership" || name === "territories") this.refresh();
    if (name === "mode") this.showAreas();
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
    return [...this._picked].map((index) => this._territories[index]?.name);
  }

  /** @param {Iterable<string>} names */
  set picked(names) {
    const wanted = new Set(names);
    this._picked = new Set(this._territories.filter((one) => wanted.has(one.name)).map((one) => one.index));
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
    const box = this.places?.box(ids && this.numbersOf(ids)) ?? CONTIGUOUS_US;
    const padding = Math.min(40, (this.ground?.clientWidth ?? 400) / 10);
    const bounds = [[box.west, box.south], [box.east, box.north]];
    this.map?.fitBounds(bounds, { padding, maxZoom: 10, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  }

  /** @param {AbortSignal} signal */
  async begin(signal) {
    const urls = JSON.parse(this.getAttribute("geometry") ?? "{}");
    const points = this.hasAttribute("points") ? floats(this.getAttribute("points") ?? "", signal) : Promise.resolve(new Float32Array(0));
    const owned = this.hasAttribute("ownership") ? numbers(this.getAttribute("ownership") ?? "", signal) : Promise.resolve(new Uint16Array(0));
    const named = this.hasAttribute("territories") ? json(this.getAttribute("territories") ?? "", signal) : Promise.resolve([]);
    const [maplibre, degrees, owners, territories] = await Promise.all([library(), points, owned, named]);
    if (signal.aborted) return;
    this.places = new Places(degrees);
    await this.draw(maplibre, urls, signal);
    this.take(owners, territories);
    const drawn = new Promise((done) => this.map.once("render", done));
    this.layer?.repaint();
    await drawn;
    this.say(unplaced(this.places));
    this.dispatch("map:drawn", { accounts: this.places.count });
    await this.learnIds(signal);
  }

  /** @param {any} maplibre @param {Record<string, string>} urls @param {AbortSignal} signal */
  async draw(maplibre, urls, signal) {
    const box = this.places?.box() ?? CONTIGUOUS_US;
    const theme = themeOf(this);
    this.map = new maplibre.Map({
      container: this.ground,
      style: styleOf(urls, theme),
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
    this.map.on("error", (/** @type {any} */ event) => !signal.aborted && this.say(`A part of the map is missing: ${event.error?.message ?? "not loaded"}`));
    this.map.on("webglcontextrestored", () => this.map.once("idle", () => this.comeBack()));
    await new Promise((done) => this.map.once("style.load", done));
    if (signal.aborted || !this.places) return;
    this.layer = new PointsLayer(this.places, theme);
    this.map.addLayer(this.layer, ABOVE_ACCOUNTS);
    this.loadMore = loadOnZoom(this.map, urls, {
      paintsCounties: () => this.mode === "counties",
      isAbroad: !isAmerican((box.west + box.east) / 2, (box.south + box.north) / 2) || box.east - box.west > 120,
    });
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
    if (this.areas) this.areas.shown = new Map();
    this.showAreas();
    this.paint();
  }

  /** @param {AbortSignal} signal */
  async learnIds(signal) {
    if (!this.hasAttribute("ids")) return;
    this.ids = await json(this.getAttribute("ids") ?? "", signal);
    this.numberOf = new Map(this.ids.map((id, account) => [id, account]));
    if (this._wantedSelection.size) this.selection = this._wantedSelection;
    // What was chosen while the ids were under way is told now.
    else if (this._selected.size) this.dispatch("map:selected", { ids: this.selection });
    this.offerTools();
    this.dispatch("map:ready", {});
  }

  /** @param {Uint16Array} owners @param {Territory[]} territories */
  take(owners, territories) {
    const picked = new Set(this.picked);
    this._territories = territories;
    this._picked = new Set(territories.filter((one) => picked.has(one.name)).map((one) => one.index));
    this._owners = owners;
    this.map?.getSource("names")?.setData(namesOf(territories));
    this.paint();
    this.showAreas();
  }

  /** Give every account and area the colour of who has it now. */
  paint() {
    const { layer, places } = this;
    if (!layer || !places) return;
    const colours = this._territories.map((one) => one.colour);
    for (let account = 0; account < places.count; account++) {
      const owner = this._owners[account] ?? NOBODY;
      layer.colour[account] = owner === NOBODY ? NO_COLOUR : (colours[owner] ?? NO_COLOUR);
      layer.look[account] = this._picked.size && !this._picked.has(owner) ? DIMMED : 0;
    }
    layer.stale.colour = layer.stale.look = true;
    if (this.mode === "counties") this.areas?.paint(this._owners, colours, this._picked);
    layer.repaint();
  }

  /** `points`, or `counties` painted below smaller points. */
  get mode() {
    return this.getAttribute("mode") === "counties" ? "counties" : "points";
  }

  set mode(mode) {
    this.setAttribute("mode", mode);
  }

  async showAreas() {
    if (!this.layer || !this.map) return;
    const painted = this.mode === "counties" && this.hasAttribute("counties");
    this.layer.scale = painted ? 0.7 : 1;
    if (!painted) {
      this.areas?.clear();
      return this.layer.repaint();
    }
    this.loadMore?.();
    if (!this.areas && this.ending) {
      const counties = await numbers(this.getAttribute("counties") ?? "", this.ending.signal).catch(() => null);
      if (!counties || !this.map || this.mode !== "counties") return;
      this.areas ??= new Areas(this.map, counties);
    }
    this.paint();
  }

  restyle() {
    const theme = themeOf(this);
    if (!this.layer || !this.map) return;
    this.layer.theme = theme;
    for (const [layer, property, value] of paints(theme)) this.map.setPaintProperty(layer, property, value);
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
    const who = territory ? [territory.name, territory.person_name ?? "vacant"].filter((part, at, all) => all.indexOf(part) === at).join(" · ") : "Nobody’s";
    this.tip.textContent = this.ids.length ? `${this.ids[account]}: ${who}` : who;
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
