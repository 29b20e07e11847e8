// @ts-check
import { el } from "./dom.js";
import { signInAddress } from "./session.js";

const nameCap = 32;

/**
 * “You are Anna · Change · Sign in” for those without an account.
 * @param {(name: string) => Promise<void>} rename
 */
export function guestName(rename) {
  const shown = el("b", {});
  const change = el("button", { type: "button", class: "chat-link", on: { click: () => edit(true) } }, "Change name");
  const line = el("p", {}, "You are ", shown, " · ", change, " · ", el("a", { href: signInAddress() }, "Sign in"));
  const field = el(
    "input",
    { type: "text", maxlength: nameCap, autocomplete: "nickname", "aria-label": "Your name in the chat" },
  );
  const form = el(
    "form", { class: "chat-entry", hidden: true, on: { submit } }, field,
    el("button", { class: "button small" }, "Save"),
  );
  const element = el("div", { class: "chat-guest field", hidden: true }, line, form);

  /** @param {boolean} isEdited */
  function edit(isEdited) {
    form.hidden = !isEdited;
    line.hidden = isEdited;
    if (isEdited) {
      field.value = shown.textContent ?? "";
      field.select();
    } else change.focus();
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const name = field.value.trim();
    edit(false);
    if (name && name !== shown.textContent) await rename(name);
  }

  form.addEventListener("keydown", (event) => event.key === "Escape" && edit(false));

  return {
    element,
    /** @param {string | undefined} name nothing: not a guest, or not there */
    show(name) {
      element.hidden = name === undefined;
      shown.textContent = name || "a guest";
    },
  };
}
