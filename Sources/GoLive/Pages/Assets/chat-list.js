// @ts-check
import { el } from "./dom.js";
import { counted } from "./format.js";
import { icon } from "./icons.js";

/** Lines kept in the page. */
const lineCap = 400;
/** Pixels from the end within which the list counts as at its end. */
const nearEnd = 48;
/** Milliseconds between what is said aloud, so that a busy chat can be followed by ear. */
const saidEvery = 5000;

/** The messages in the order they were sent. It stays where the reader is, and says how many came meanwhile. */
export class ChatList {
  /** @type {Map<string, ReturnType<typeof import("./chat-message.js").drawMessage>>} by id */
  #lines = new Map();
  #isAtEnd = true;
  #unseen = 0;
  /** @type {string[]} */
  #unsaid = [];
  /** @type {any} */
  #sayTimer;

  constructor() {
    this.items = el("ol", { class: "plain" });
    this.list = el(
      "div", {
        class: "chat-list",
        role: "log",
        "aria-live": "off",
        "aria-label": "Chat messages",
        tabindex: 0,
      }, this.items,
    );
    this.more = el(
      "button",
      { type: "button", class: "button small chat-new", hidden: true, on: { click: () => this.toEnd() } },
    );
    this.said = el("p", { class: "visually-hidden", role: "status" });
    this.element = el("div", { class: "chat-scroll" }, this.list, this.more, this.said);
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#isAtEnd && !this.#isInUse && this.#scroll()).observe(this.list);
  }

  get size() {
    return this.#lines.size;
  }

  /** Whether something is being done about a message: the list must not move under the hand that does it. */
  get #isInUse() {
    return this.items.querySelector(".chat-message:is(:hover, :focus-within) > .chat-tools:not([hidden])") !== null;
  }

  /** @param {string} id */
  line(id) {
    return this.#lines.get(id);
  }

  /**
   * Who wrote may become known only after what they wrote.
   * @param {string} identity
   * @param {string} name
   */
  learnName(identity, name) {
    for (const { record, setName } of this.#lines.values()) {
      if (record.identity === identity && record.name === identity) setName(name);
    }
  }

  /**
   * @param {ReturnType<typeof import("./chat-message.js").drawMessage>} line
   * @param {{isNews?: boolean}} [options] `isNews`: it was written just now, by somebody else
   * @returns {boolean} false when the message is there already
   */
  add(line, { isNews = false } = {}) {
    const { id, sentAt, name, text } = line.record;
    if (this.#lines.has(id)) return false;
    this.#lines.set(id, line);
    const height = this.list.scrollHeight;
    const after = [...this.#lines.values()].filter((other) => other !== line && other.record.sentAt > sentAt);
    const next = after.reduce(
      (/** @type {any} */ first, other) => (!first || other.record.sentAt < first.record.sentAt ? other : first),
      undefined,
    );
    this.items.insertBefore(line.item, next?.item ?? null);
    if (isNews) this.#say(`${name}: ${text}`);
    if (this.#isInUse) this.#isAtEnd = false;
    if (this.#isAtEnd) {
      this.#trim();
      this.#scroll();
    } else if (isNews) {
      this.#unseen += 1;
      this.#showMore();
    } else if (next) {
      // What comes before stays out of the reader's way.
      this.list.scrollTop += this.list.scrollHeight - height;
    }
    return true;
  }

  /**
   * Takes away what a page of the history should have and has no more.
   * @param {{id: string, sentAt: number}[]} page
   */
  compare(page) {
    const ids = new Set(page.map(({ id }) => id));
    const times = page.map(({ sentAt }) => sentAt);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    for (const [id, { record, item }] of this.#lines) {
      const isWithin = record.sentAt > first && record.sentAt < last;
      const isSettled = (item.dataset.state ?? "sent") === "sent";
      if (isWithin && isSettled && !ids.has(id)) this.remove(id);
    }
  }

  /** @param {string} id */
  remove(id) {
    this.#lines.get(id)?.item.remove();
    this.#lines.delete(id);
  }

  toEnd() {
    this.#isAtEnd = true;
    this.#scroll();
    this.#unseen = 0;
    this.#showMore();
  }

  #scroll() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.list;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
    if (this.#isAtEnd) this.#unseen = 0;
    this.#showMore();
  }

  #showMore() {
    this.more.hidden = this.#isAtEnd;
    this.more.replaceChildren(this.#unseen > 0 ? `${this.#unseen} new` : "To the newest", icon("down"));
  }

  #trim() {
    for (const [id, { item }] of this.#lines) {
      if (this.#lines.size <= lineCap) return;
      item.remove();
      this.#lines.delete(id);
    }
  }

  /** @param {string} text */
  #say(text) {
    this.#unsaid.push(text);
    this.#sayTimer ??= setTimeout(() => {
      const [first] = this.#unsaid.slice(-1);
      const others = this.#unsaid.length - 1;
      this.said.textContent = others > 0 ? `${counted(others + 1, "new message")}, the last: ${first}` : first;
      this.#unsaid = [];
      this.#sayTimer = undefined;
    }, this.said.textContent ? saidEvery : 300);
  }
}
