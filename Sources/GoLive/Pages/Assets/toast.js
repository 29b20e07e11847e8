// @ts-check
import { el } from "./dom.js";
import { icon } from "./icons.js";

const stay = 6000;
const cap = 3;

/** @type {HTMLElement | undefined} */
let place;

/**
 * Says something in the corner for a few seconds: as long again when it is pointed at or holds the focus.
 * @param {string} text
 * @param {"info" | "ok" | "danger"} [kind]
 */
export function toast(text, kind = "info") {
  place ??= document.body.appendChild(el("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  while (place.childElementCount >= cap) place.firstElementChild?.remove();
  const close = el(
    "button",
    { type: "button", class: "button quiet small", "aria-label": "Close message" },
    icon("close"),
  );
  const made = el(
    "div",
    { class: `toast ${kind}` },
    el("span", {}, text),
    close,
  );
  close.addEventListener("click", () => made.remove());
  /** @type {any} */
  let timer;
  const leave = () => (timer = setTimeout(() => made.remove(), stay));
  for (const event of ["pointerenter", "focusin"]) made.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) made.addEventListener(event, leave);
  place.append(made);
  leave();
}
