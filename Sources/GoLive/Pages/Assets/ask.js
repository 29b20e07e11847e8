// @ts-check
import { el } from "./dom.js";

/**
 * A question with two answers. Escape is the second.
 * @param {{title: string, text: string, yes: string, no: string, isDanger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, yes, no, isDanger = false }) {
  const dialog = el(
    "dialog", { "aria-labelledby": "ask-title", "aria-describedby": "ask-text" },
    el(
      "form", { method: "dialog", class: "stack" },
      el("h2", { id: "ask-title" }, title), el("p", { id: "ask-text" }, text),
      el(
        "div", { class: "row" },
        el("button", { class: isDanger ? "button danger" : "button primary", value: "yes" }, yes),
        el("button", { class: "button", value: "no", autofocus: true }, no),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}
