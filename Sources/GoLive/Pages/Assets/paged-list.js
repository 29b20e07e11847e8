// @ts-check
import { api } from "./api.js";
import { el, replace } from "./dom.js";
import { toast } from "./toast.js";
import { showTrouble } from "./trouble.js";

/**
 * Rows from a list of the API, with a button for the next page.
 * @param {object} options
 * @param {() => string} options.path asked at each load, so that a filter may change it
 * @param {(item: any) => HTMLElement} options.row
 * @param {() => HTMLElement} options.empty
 */
export function pagedList({ path, row, empty }) {
  const rows = el("ul", { class: "plain rows" });
  const more = el("button", { type: "button", class: "button" }, "Show more");
  const end = el("div", { class: "row", hidden: true }, more);
  const place = el("div", { class: "stack", "aria-live": "off" });
  /** @type {string | undefined} */
  let cursor;

  /** @param {string | undefined} after */
  async function fetchPage(after) {
    const address = path() + (after ? `${path().includes("?") ? "&" : "?"}cursor=${encodeURIComponent(after)}` : "");
    const answer = await api.get(address);
    cursor = answer.nextCursor ?? undefined;
    end.hidden = !cursor;
    return /** @type {any[]} */ (answer.items);
  }

  async function load() {
    place.setAttribute("aria-busy", "true");
    try {
      const items = await fetchPage(undefined);
      replace(rows, items.map(row));
      replace(place, ...(items.length ? [rows, end] : [empty()]));
    } catch (error) {
      showTrouble(place, error, load);
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  more.addEventListener("click", async () => {
    try {
      rows.append(...(await fetchPage(cursor)).map(row));
    } catch (error) {
      toast(/** @type {Error} */ (error).message, "danger");
    }
  });

  return { element: place, load };
}
