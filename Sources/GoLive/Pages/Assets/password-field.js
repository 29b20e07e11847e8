// @ts-check
import { el } from "./dom.js";

/**
 * Puts a button beside a password that shows it, for those who type on a phone or want to be sure. It is hidden again
 * before the form is sent, so that browsers still know what it is.
 * @param {HTMLInputElement} input in a `.field`
 */
export function showable(input) {
  // Not `labels`, which are known only once the form is in the page.
  const label = input.closest(".field")?.querySelector("label")?.textContent?.trim().toLowerCase() ?? "password";
  const button = el(
    "button",
    { type: "button", class: "button quiet small", "aria-pressed": "false", "aria-label": `Show ${label}` },
    "Show",
  );
  const show = (/** @type {boolean} */ isShown) => {
    input.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
    button.textContent = isShown ? "Hide" : "Show";
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  input.autocapitalize = "none";
  input.spellcheck = false;
  const place = el("div", { class: "secret" });
  const hadFocus = document.activeElement === input;
  input.replaceWith(place);
  place.append(input, button);
  if (hadFocus) input.focus();
}
