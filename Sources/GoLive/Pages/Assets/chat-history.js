// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";

const pageSize = 50;

/** What was said before: the newest page at once, and again after an interruption; earlier ones when asked for. */
export class ChatHistory {
  /** @type {string | undefined} */
  #cursor;

  /**
   * @param {string} username
   * @param {(records: any[]) => void} add in any order
   */
  constructor(username, add) {
    this.path = `/api/chat/${encodeURIComponent(username)}/messages`;
    this.add = add;
    this.button = el(
      "button",
      { type: "button", class: "button quiet small chat-earlier", hidden: true, on: { click: () => this.#earlier() } },
      "Earlier messages",
    );
  }

  /** The newest page. */
  async load() {
    const page = await this.#page();
    if (page && this.#cursor === undefined) this.#reached(page.nextCursor);
  }

  async #earlier() {
    this.button.disabled = true;
    const page = await this.#page(this.#cursor);
    this.button.disabled = false;
    if (page) this.#reached(page.nextCursor);
  }

  /** @param {string | null} [cursor] */
  #reached(cursor) {
    this.#cursor = cursor ?? "";
    this.button.hidden = !cursor;
  }

  /** @param {string} [cursor] */
  async #page(cursor) {
    const query = new URLSearchParams({ limit: String(pageSize), ...(cursor ? { cursor } : {}) });
    try {
      const page = await api.get(`${this.path}?${query}`);
      this.add(page.items.map((/** @type {any} */ item) => ({ ...item, sentAt: Date.parse(item.sentAt) })));
      return page;
    } catch {
      // A chat without its past is still a chat.
      return undefined;
    }
  }
}
