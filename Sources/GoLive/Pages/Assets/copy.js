// @ts-check
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

/**
 * @param {() => string} text
 * @param {string} [label]
 * @param {string} [name] for screen readers, where the same label is there more than once
 */
export function copyButton(text, label = "Copy", name) {
  return el(
    "button",
    { type: "button", class: "button", "aria-label": name, on: { click: () => copy(text()) } },
    icon("copy"),
    label,
  );
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyOldWay(text)) return toast(
      "This browser does not let the page copy; select the text and copy it.",
      "danger",
    );
  }
  toast("Copied.", "ok");
}

/**
 * Pages that are not secure, as on a local network, have no clipboard.
 * @param {string} text
 */
function copyOldWay(text) {
  const area = document.body.appendChild(el("textarea", { class: "visually-hidden", value: text, readonly: true }));
  const before = document.activeElement;
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
