// @ts-check
/**
 * The accounts as one draw call: places go to the graphics card once, and a move writes one byte an account.
 *
 * A source of GeoJSON would cut a hundred thousand points into tiles again for what a single buffer shows at once.
 */

import { parts } from "./theme.js";

/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {import("./places.js").Places} Places */

export const DIMMED = 1;
export const HIDDEN = 2;

const VERTEX = `#version 300 es
in vec2 a_place;
in uint a_colour;
in uint a_look;
uniform mat4 u_matrix;
uniform float u_size;
uniform vec3 u_colours[12];
flat out vec3 v_colour;
flat out float v_alpha;
void main() {
  gl_Position = u_matrix * vec4(a_place, 0.0, 1.0);
  gl_PointSize = (a_look & 2u) != 0u ? 0.0 : u_size;
  if ((a_look & 2u) != 0u) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  v_colour = u_colours[min(a_colour, 11u)];
  v_alpha = (a_look & 1u) != 0u ? 0.12 : 1.0;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec3 v_colour;
flat in float v_alpha;
uniform vec4 u_ring;
uniform float u_size;
uniform float u_ring_width;
out vec4 colour;
void main() {
  float from_middle = length(gl_PointCoord - 0.5) * u_size;
  float edge = u_size * 0.5;
  float covered = clamp(edge - from_middle, 0.0, 1.0) * v_alpha;
  float ring = clamp(from_middle - (edge - u_ring_width) + 0.5, 0.0, 1.0) * u_ring.a;
  colour = vec4(mix(v_colour, u_ring.rgb, ring) * covered, covered);
}`;

/** A custom layer of MapLibre. */
export class PointsLayer {
  /**
   * @param {Places} places
   * @param {Theme} theme
   */
  constructor(places, theme) {
    this.id = "accounts";
    this.type = /** @type {const} */ ("custom");
    this.renderingMode = /** @type {const} */ ("2d");
    this.places = places;
    this.theme = theme;
    /** The colour of each account: a number of the palette, 11 for nobody's. */
    this.colour = new Uint8Array(places.count).fill(11);
    /** How each account looks: bits of DIMMED and HIDDEN. */
    this.look = new Uint8Array(places.count);
    /** @type {Uint32Array} */
    this.selected = new Uint32Array(0);
    this.scale = 1;
    /** Whether accounts lie on their own colour, and need a dark edge to be seen. */
    this.ringed = false;
    this.drawn = 0;
    /** What the card does not hold yet. */
    this.stale = { colour: true, look: true, selected: true };
  }

  /** @param {any} map @param {WebGL2RenderingContext} gl */
  onAdd(map, gl) {
    this.map = map;
    this.gl = gl;
    this.program = linked(gl);
    const at = (/** @type {string} */ name) => gl.getUniformLocation(/** @type {WebGLProgram} */ (this.program), name);
    this.at = { matrix: at("u_matrix"), size: at("u_size"), colours: at("u_colours"), ring: at("u_ring"), width: at("u_ring_width") };
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    this.placed = filled(gl, this.places.plane, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    this.coloured = filled(gl, this.colour, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribIPointer(1, 1, gl.UNSIGNED_BYTE, 0, 0);
    this.looking = filled(gl, this.look, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(2);
    gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_BYTE, 0, 0);
    this.chosen = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.chosen);
    gl.bindVertexArray(null);
    this.stale = { colour: false, look: false, selected: true };
  }

  /** @param {any} map @param {WebGL2RenderingContext} gl */
  onRemove(map, gl) {
    for (const buffer of [this.placed, this.coloured, this.looking, this.chosen]) gl.deleteBuffer(buffer ?? null);
    gl.deleteVertexArray(this.array ?? null);
    gl.deleteProgram(this.program ?? null);
    this.map = undefined;
  }

  /** Draw again; what has changed is sent before. */
  repaint() {
    this.map?.triggerRepaint();
  }

  /** How wide an account is now, in points of the page. */
  size() {
    const zoom = this.map ? this.map.getZoom() : 4;
    const crowd = this.places.count > 50000 ? 0.8 : this.places.count < 3000 ? 1.5 : 1;
    return Math.max(2.5, Math.min(13, (3.4 + (zoom - 3) * 1.15) * crowd)) * this.scale;
  }

  /** @param {WebGL2RenderingContext} gl @param {any} options */
  render(gl, options) {
    const { at, theme } = this;
    if (!at || !this.program) return;
    gl.bindVertexArray(this.array ?? null);
    this.send(gl);
    gl.useProgram(this.program);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniformMatrix4fv(at.matrix, false, options.defaultProjectionData.mainMatrix);
    gl.uniform3fv(at.colours, [...theme.territories, theme.nobody].flatMap(parts));
    const ratio = this.map.getPixelRatio(), size = this.size();
    gl.uniform1f(at.size, size * ratio);
    gl.uniform1f(at.width, Math.max(0.6, size * 0.09) * ratio);
    const [edge, strength] = this.ringed ? [theme.ink, 0.55] : [theme.halo, size > 4 ? 0.85 : 0.35];
    gl.uniform4f(at.ring, ...parts(edge), strength);
    gl.drawArrays(gl.POINTS, 0, this.places.count);
    if (this.selected.length) {
      gl.uniform1f(at.size, (size * 1.25 + 4) * ratio);
      gl.uniform1f(at.width, 2 * ratio);
      gl.uniform4f(at.ring, ...parts(theme.ink), 1);
      gl.drawElements(gl.POINTS, this.selected.length, gl.UNSIGNED_INT, 0);
    }
    gl.bindVertexArray(null);
    this.drawn += 1;
  }

  /** @param {WebGL2RenderingContext} gl */
  send(gl) {
    if (this.stale.colour) sent(gl, this.coloured, this.colour);
    if (this.stale.look) sent(gl, this.looking, this.look);
    if (this.stale.selected) gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.selected, gl.DYNAMIC_DRAW);
    this.stale = { colour: false, look: false, selected: false };
  }
}

/** @param {WebGL2RenderingContext} gl @param {WebGLBuffer | null | undefined} buffer @param {Uint8Array} bytes */
function sent(gl, buffer, bytes) {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer ?? null);
  gl.bufferSubData(gl.ARRAY_BUFFER, 0, bytes);
}

/** @param {WebGL2RenderingContext} gl @param {Float32Array | Uint8Array} content @param {number} use */
function filled(gl, content, use) {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, content, use);
  return buffer;
}

/** @param {WebGL2RenderingContext} gl */
function linked(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  ["a_place", "a_colour", "a_look"].forEach((name, place) => gl.bindAttribLocation(program, place, name));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "The shaders of the map do not link.");
  return program;
}
