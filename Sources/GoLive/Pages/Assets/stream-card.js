// @ts-check
import { avatar, ownPicture } from "./avatar.js";
import { el, replace } from "./dom.js";
import { ago, counted, short } from "./format.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} username
 * @property {string} displayName
 * @property {string | null} [imageUrl]
 */
/**
 * @typedef {object} StreamCard
 * @property {{title: string, thumbnail?: string | null, isLive: boolean, phase: string, lastLiveAt?: string | null}}
 *   stream
 * @property {Person} host
 * @property {number} viewerCount
 */
/** @typedef {Partial<StreamCard["stream"]> & {viewerCount?: number}} StreamChange what the server's events tell */

/** A stream in a grid. It is made once and told of changes, so that no picture flickers and no focus is lost. */
export class Card {
  #picture = el("div", { class: "stream-picture" });
  #badges = el("div", { class: "stream-badges" });
  #link;
  #note = el("p", { class: "muted small" });
  #shown = "";
  #thumbnail = "";
  #card;

  /**
   * @param {StreamCard} card
   * @param {"h2" | "h3"} heading one below that of the list
   */
  constructor(card, heading) {
    const { username } = card.host;
    this.#card = card;
    this.#link = el("a", { href: `/${encodeURIComponent(username)}` });
    this.element = el(
      "li",
      { class: "stream-card" },
      el("div", { class: "stream-frame" }, this.#picture, this.#badges),
      el(
        "div",
        { class: "stream-about" },
        avatar(card.host),
        el("div", {}, el(heading, {}, this.#link), this.#note),
      ),
    );
    this.update(card);
  }

  get username() {
    return this.#card.host.username;
  }

  /** @param {StreamChange} change */
  change({ viewerCount = this.#card.viewerCount, ...changed }) {
    this.update({ ...this.#card, viewerCount, stream: { ...this.#card.stream, ...changed } });
  }

  /** @param {StreamCard} card */
  update(card) {
    this.#card = card;
    const { stream, host, viewerCount } = card;
    const state = JSON.stringify([stream.title, stream.isLive, stream.phase, viewerCount, stream.lastLiveAt]);
    if (state !== this.#shown) {
      this.#shown = state;
      this.#link.textContent = stream.title || host.displayName;
      const lastLive = !stream.isLive && stream.lastLiveAt ? ` · live ${ago(stream.lastLiveAt)}` : "";
      this.#note.textContent = host.displayName + lastLive;
      replace(this.#badges, ...badges(stream, viewerCount));
    }
    const address = ownPicture(stream.thumbnail) ?? "";
    if (address === this.#thumbnail && this.#picture.firstChild) return;
    this.#thumbnail = address;
    this.#paint(address, host);
  }

  /** @param {string} address @param {Person} host */
  #paint(address, host) {
    const stand = () => replace(this.#picture, avatar(host, "large"));
    if (!address) return stand();
    const image = el("img", { src: address, alt: "", width: 640, height: 360, decoding: "async" });
    image.addEventListener("error", stand);
    // The old picture stays until the new one is there.
    image.addEventListener("load", () => replace(this.#picture, image));
    if (!this.#picture.firstChild) replace(this.#picture, image);
  }
}

/**
 * @param {StreamCard["stream"]} stream
 * @param {number} viewerCount
 */
function badges(stream, viewerCount) {
  if (!stream.isLive) return [el("span", { class: "badge" }, "Offline")];
  const words = { starting: "STARTING", reconnecting: "RECONNECTING" };
  return [
    el("span", { class: "badge live" }, words[/** @type {keyof typeof words} */ (stream.phase)] ?? "LIVE"),
    el(
      "span",
      { class: "badge count" },
      icon("eye"),
      el("span", { "aria-hidden": "true" }, short(viewerCount)),
      el("span", { class: "visually-hidden" }, counted(viewerCount, "viewer")),
    ),
  ];
}
