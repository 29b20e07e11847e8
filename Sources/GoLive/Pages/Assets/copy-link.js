// @ts-check
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

/**
 * A button that puts an address on the clipboard; where the browser has none for this page, it shows the address.
 * @param {string} address
 * @param {string} [label]
 */
export function copyLink(address, label = "Copy link") {
  return el("button", { type: "button", class: "button", on: { click } }, icon("copy"), label);

  async function click() {
    try {
      await navigator.clipboard.writeText(address);
      toast("Link copied", "ok");
    } catch {
      toast(address);
    }
  }
}
