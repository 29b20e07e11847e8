// @ts-check
/** The sizes that a published picture comes in, by the names people know. */

/**
 * @typedef {object} QualityChoice
 * @property {string} name `Auto`, `720p`, …
 * @property {"AUTO" | "LOW" | "MEDIUM" | "HIGH"} layer
 */

/** @type {QualityChoice} */
export const automatic = { name: "Auto", layer: "AUTO" };

/**
 * @param {import("./participants.js").Publication | undefined} publication of video
 * @returns {QualityChoice[]} Auto, then the sizes from high to low; Auto alone where there is one size
 */
export function qualityChoices(publication) {
  const layers = (publication?.layers ?? []).filter(({ width, height }) => width > 0 && height > 0);
  if (layers.length < 2) return [automatic];
  const sizes = layers
    .map(({ quality, width, height }) => ({ layer: /** @type {any} */ (quality), lines: Math.min(width, height) }))
    .sort((a, b) => b.lines - a.lines);
  return [automatic, ...sizes.map(({ layer, lines }) => ({ layer, name: `${lines}p` }))];
}

/**
 * What to ask the server for: a named layer, or whatever fits the size the picture has on the screen.
 * @param {QualityChoice["layer"]} layer
 * @param {Element} picture
 * @returns {"LOW" | "MEDIUM" | "HIGH" | {width: number, height: number}}
 */
export function wishFor(layer, picture) {
  if (layer !== "AUTO") return layer;
  const scale = globalThis.devicePixelRatio || 1;
  const { width, height } = picture.getBoundingClientRect();
  return { width: Math.max(160, width * scale), height: Math.max(90, height * scale) };
}
