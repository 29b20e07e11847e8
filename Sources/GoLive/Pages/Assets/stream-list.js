// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";
import { Card } from "./stream-card.js";
import { toast } from "./toast.js";

const pageSize = 24;
/** What one call gives at most. */
const largest = 100;

/**
 * A grid of streams from one list of the API, page by page, refreshed in place. Tells of another page with an event,
 * `extended`.
 */
export class StreamList extends EventTarget {
  /** @type {Map<string, Card>} by the host's id */
  #cards = new Map();
  #grid = el("ul", { class: "plain stream-grid" });
  #more = el("button", { type: "button", class: "button", on: { click: () => this.#loadMore() } }, "Show more");
  #end = el("div", { class: "row center", hidden: true }, this.#more);
  /** @type {string | undefined} */
  #cursor;
  #path;
  #heading;

  /**
   * @param {string} path with or without a query
   * @param {"h2" | "h3"} heading of each stream
   */
  constructor(path, heading) {
    super();
    this.#path = path;
    this.#heading = heading;
    this.element = el("div", { class: "stack" }, this.#grid, this.#end);
  }

  get count() {
    return this.#cards.size;
  }

  /** Whether there are more than are shown. */
  get isCut() {
    return this.#cursor !== undefined;
  }

  get usernames() {
    return [...this.#cards.values()].map(({ username }) => username);
  }

  /**
   * What the server tells of one stream; those that are not shown are none of ours.
   * @param {string} username
   * @param {import("./stream-card.js").StreamChange} change
   */
  change(username, change) {
    for (const card of this.#cards.values()) if (card.username === username) card.change(change);
  }

  /**
   * Asks again for as many as are shown.
   * @param {(card: import("./stream-card.js").StreamCard) => boolean} [wanted]
   */
  async refresh(wanted = () => true) {
    const limit = Math.min(largest, Math.max(pageSize, this.#cards.size));
    const { items, nextCursor } = await api.get(this.#address({ limit: String(limit) }));
    const before = this.#cards;
    this.#cards = new Map();
    this.#add(items.filter(wanted), before);
    this.#continueAt(nextCursor);
  }

  async #loadMore() {
    try {
      const { items, nextCursor } = await api.get(
        this.#address({ limit: String(pageSize), cursor: this.#cursor ?? "" }),
      );
      this.#add(items, new Map());
      this.#continueAt(nextCursor);
      this.dispatchEvent(new Event("extended"));
    } catch (error) {
      toast(/** @type {Error} */ (error).message, "danger");
    }
  }

  /**
   * @param {import("./stream-card.js").StreamCard[]} items
   * @param {Map<string, Card>} before
   */
  #add(items, before) {
    for (const item of items) {
      const known = before.get(item.host.id) ?? this.#cards.get(item.host.id);
      known?.update(item);
      this.#cards.set(item.host.id, known ?? new Card(item, this.#heading));
    }
    const wanted = [...this.#cards.values()].map(({ element }) => element);
    for (const child of [...this.#grid.children]) if (!wanted.includes(/** @type {any} */ (child))) child.remove();
    // Only what is out of place moves: a card that stays where it is keeps the focus.
    wanted.forEach((element, index) => {
      const present = this.#grid.children[index];
      if (present !== element) this.#grid.insertBefore(element, present ?? null);
    });
  }

  /** @param {string | undefined} cursor */
  #continueAt(cursor) {
    this.#cursor = cursor;
    this.#end.hidden = !cursor;
  }

  /** @param {Record<string, string>} query */
  #address(query) {
    return `${this.#path}${this.#path.includes("?") ? "&" : "?"}${new URLSearchParams(query)}`;
  }
}
