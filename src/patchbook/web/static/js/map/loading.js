// @ts-check
/** What a map fetches: arrays of numbers and lists, and the map library itself. */

/** @typedef {{index: number, name: string, layer: string, person: string | null, person_name: string | null,
 *   colour: number, accounts: number, latitude: number | null, longitude: number | null}} Territory */

/** The server did not give what a map needs. */
export class NotLoaded extends Error {}

/** @param {string} url @param {AbortSignal} signal */
async function fetched(url, signal) {
  const answer = await fetch(url, { signal, credentials: "same-origin" });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new NotLoaded(said.detail ?? `The server answered ${answer.status}; load the page again.`);
}

/** @param {string} url @param {AbortSignal} signal @returns {Promise<Float32Array>} */
export async function floats(url, signal) {
  return new Float32Array(await (await fetched(url, signal)).arrayBuffer());
}

/** @param {string} url @param {AbortSignal} signal @returns {Promise<Uint16Array>} */
export async function numbers(url, signal) {
  return new Uint16Array(await (await fetched(url, signal)).arrayBuffer());
}

/** @param {string} url @param {AbortSignal} signal @returns {Promise<any>} */
export async function json(url, signal) {
  return (await fetched(url, signal)).json();
}

/** MapLibre with its style sheet, once it is needed. */
export async function library() {
  const folder = new URL("../../vendor/maplibre-gl/", import.meta.url);
  const [maplibre] = await Promise.all([import(new URL("maplibre-gl.mjs", folder).href), styled(new URL("maplibre-gl.css", folder).href)]);
  return maplibre;
}

/** @param {string} href */
function styled(href) {
  return new Promise((done) => {
    const found = document.querySelector(`link[href="${href}"]`);
    if (found) return done(undefined);
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.addEventListener("load", () => done(undefined));
    link.addEventListener("error", () => done(undefined));
    // Before the page's own, which has the last word.
    document.head.prepend(link);
  });
}

/** Whether this browser draws maps at all. */
export function drawsMaps() {
  const gl = document.createElement("canvas").getContext("webgl2");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return gl !== null;
}
