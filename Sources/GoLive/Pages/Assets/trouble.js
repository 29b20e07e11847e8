// @ts-check
import { el, replace } from "./dom.js";

/**
 * In place of what could not be loaded: what went wrong, and a way to try again.
 * @param {Element} place
 * @param {any} error
 * @param {() => void} [retry] the page is loaded again when not given
 */
export function showTrouble(place, error, retry = () => location.reload()) {
  place.removeAttribute("aria-busy");
  if (!error?.code) throw error;
  replace(
    place,
    el(
      "div",
      { class: "empty", role: "alert" },
      el("strong", {}, error.status === 403 ? "This is not for you" : "This could not be loaded"),
      el("p", {}, error.message),
      error.status !== 403 && el("button", { type: "button", class: "button", on: { click: retry } }, "Try again"),
    ),
  );
}
