// @ts-check
/** Choosing accounts with a mouse, a pen or a finger: a click, a box, a lasso, a brush. */

const SVG = "http://www.w3.org/2000/svg";
const CLICK_PIXELS = 5;
const REACH_PIXELS = 6;
export const BRUSH_PIXELS = 16;

/** @typedef {"pan" | "box" | "lasso" | "brush"} Tool */
/**
 * @typedef {object} Asker what the tools ask of the map they work on
 * @property {any} map
 * @property {import("./places.js").Places} places
 * @property {(accounts: number[], adding: boolean) => void} select
 * @property {(accounts: number[]) => void} brush
 * @property {() => void} brushed
 * @property {(account: number, x: number, y: number) => void} hover
 */

export class Selecting {
  /** @param {HTMLElement} ground @param {Asker} asker */
  constructor(ground, asker) {
    this.ground = ground;
    this.asker = asker;
    /** @type {Tool} */
    this.tool = "pan";
    this.shade = document.createElementNS(SVG, "svg");
    this.shade.setAttribute("class", "map-shade");
    this.shade.setAttribute("aria-hidden", "true");
    ground.after(this.shade);
    /** @type {{tool: Tool, adding: boolean, path: [number, number][]} | null} */
    this.stroke = null;
    this.ending = new AbortController();
    const options = { signal: this.ending.signal, capture: true };
    const canvas = asker.map.getCanvasContainer();
    canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.down(event), options);
    canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.move(event), options);
    canvas.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => this.up(event), options);
    canvas.addEventListener("pointercancel", () => this.cancel(), options);
    canvas.addEventListener("pointerleave", () => this.leave(), options);
  }

  end() {
    this.ending.abort();
    this.shade.remove();
  }

  /** @param {Tool} tool */
  use(tool) {
    this.cancel();
    this.tool = tool;
    this.ground.classList.toggle("map-is-selecting", tool !== "pan");
    this.settle();
  }

  /** Forget a stroke that was begun. */
  cancel() {
    this.stroke = null;
    this.shade.replaceChildren();
    this.settle();
  }

  /** Let the mouse drag the map only where it does nothing else. */
  settle() {
    const { dragPan } = this.asker.map;
    if (this.tool === "pan") dragPan.enable();
    else dragPan.disable();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || !event.isPrimary) return this.cancel();
    const tool = this.tool === "pan" && event.shiftKey ? "box" : this.tool;
    if (tool !== "pan") this.asker.map.dragPan.disable();
    this.stroke = { tool, adding: event.shiftKey, path: [this.where(event)] };
    if (tool === "brush") this.paintAt(event);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const [x, y] = this.where(event);
    if (!this.stroke) {
      if (this.tool === "brush") this.draw("circle", { cx: x, cy: y, r: BRUSH_PIXELS });
      if (this.tool === "pan" && event.pointerType === "mouse") this.asker.hover(this.pick(x, y), x, y);
      return;
    }
    this.stroke.path.push([x, y]);
    const [[fromX, fromY]] = this.stroke.path;
    if (this.stroke.tool === "box") this.draw("path", { d: `M${fromX} ${fromY}H${x}V${y}H${fromX}Z` });
    if (this.stroke.tool === "lasso") this.draw("path", { d: `M${this.stroke.path.map((at) => at.join(" ")).join("L")}Z` });
    if (this.stroke.tool === "brush") {
      this.draw("circle", { cx: x, cy: y, r: BRUSH_PIXELS });
      this.paintAt(event);
    }
  }

  /** @param {PointerEvent} event */
  up(event) {
    const stroke = this.stroke;
    if (!stroke) return;
    this.cancel();
    const [x, y] = this.where(event), [fromX, fromY] = stroke.path[0];
    const { places, map } = this.asker;
    if (stroke.tool === "brush") {
      this.asker.brushed();
    } else if (stroke.path.every(([atX, atY]) => Math.hypot(atX - fromX, atY - fromY) < CLICK_PIXELS)) {
      const account = this.pick(x, y);
      if (account >= 0 || !stroke.adding) this.asker.select(account >= 0 ? [account] : [], stroke.adding);
    } else if (stroke.tool === "box") {
      const [left, top] = plane(map, Math.min(x, fromX), Math.min(y, fromY));
      const [right, bottom] = plane(map, Math.max(x, fromX), Math.max(y, fromY));
      this.asker.select(places.inBox(left, top, right, bottom), stroke.adding);
    } else if (stroke.tool === "lasso") {
      this.asker.select(places.inRing(stroke.path.map(([atX, atY]) => plane(map, atX, atY))), stroke.adding);
    }
  }

  leave() {
    this.asker.hover(-1, 0, 0);
    if (!this.stroke) this.shade.replaceChildren();
  }

  /**
   * The account under a point of the page, or -1.
   * @param {number} x @param {number} y
   */
  pick(x, y) {
    const { map, places } = this.asker;
    const [atX, atY] = plane(map, x, y);
    return places.nearest(atX, atY, REACH_PIXELS / worldPixels(map));
  }

  /** @param {PointerEvent} event */
  paintAt(event) {
    const { map, places } = this.asker;
    const [x, y] = plane(map, ...this.where(event));
    this.asker.brush(places.near(x, y, BRUSH_PIXELS / worldPixels(map)));
  }

  /**
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  where(event) {
    const box = this.ground.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {string} kind @param {Record<string, string | number>} attributes */
  draw(kind, attributes) {
    const shape = document.createElementNS(SVG, kind);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
    this.shade.replaceChildren(shape);
  }
}

/**
 * A point of the page on the plane; the map is never turned.
 * @param {any} map @param {number} x @param {number} y
 * @returns {[number, number]}
 */
function plane(map, x, y) {
  const container = map.getContainer(), world = worldPixels(map), middle = map.getCenter();
  const sine = Math.sin((middle.lat * Math.PI) / 180);
  const middleX = (middle.lng + 180) / 360, middleY = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return [middleX + (x - container.clientWidth / 2) / world, middleY + (y - container.clientHeight / 2) / world];
}

/** @param {any} map how many points of the page the world is wide */
function worldPixels(map) {
  return 512 * 2 ** map.getZoom();
}
