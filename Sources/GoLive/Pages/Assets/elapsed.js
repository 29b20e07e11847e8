// @ts-check
import { el } from "./dom.js";

/** A clock that counts from a moment: “1:02:03”. */
export function elapsedSince() {
  const element = el("time", { class: "elapsed", role: "timer", "aria-label": "Live for", hidden: true });
  /** @type {number | undefined} */
  let start;

  function show() {
    if (start === undefined) return;
    const seconds = Math.max(0, Math.floor((Date.now() - start) / 1000));
    const minutes = Math.floor(seconds / 60) % 60;
    const hours = Math.floor(seconds / 3600);
    const parts = hours > 0 ? [hours, two(minutes), two(seconds % 60)] : [minutes, two(seconds % 60)];
    element.textContent = parts.join(":");
  }

  setInterval(show, 1000);
  return {
    element,
    /** @param {string | null | undefined} time of ISO 8601; nothing: no clock */
    since(time) {
      start = time ? Date.parse(time) : undefined;
      element.hidden = start === undefined;
      show();
    },
  };
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}
