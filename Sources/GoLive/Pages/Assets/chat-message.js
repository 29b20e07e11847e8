// @ts-check
import { el, replace } from "./dom.js";
import { drawing } from "./media-icons.js";

/**
 * @typedef {object} ChatRecord
 * @property {string} id
 * @property {string} identity
 * @property {string | null} [userId]
 * @property {string | null} [username] of the account; none for guests
 * @property {string} name
 * @property {string} text
 * @property {number} sentAt milliseconds since 1970
 * @property {boolean} isHost
 * @property {boolean} [isOwn]
 */

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

/**
 * One line of the chat. Everything in it that people wrote is a text node.
 * @param {ChatRecord} record
 * @param {((record: ChatRecord) => Node) | undefined} tools what a host can do about it, made when asked for
 */
export function drawMessage(record, tools) {
  const state = el("span", { class: "chat-state" });
  const name = el("b", { class: "chat-name" }, record.name);
  const text = el("span", { class: "chat-text" }, record.text);
  const item = el(
    "li", { class: "chat-message", dataset: { id: record.id, hue: hueOf(record.identity) } },
    el("time", { datetime: new Date(record.sentAt).toISOString() }, clock.format(record.sentAt)),
    name,
    record.isHost && el("span", { class: "badge" }, "Host"),
    text, state,
  );
  if (record.isOwn) item.classList.add("own");
  const toggle = tools && !record.isOwn ? addTools(item, record, tools) : undefined;

  /**
   * @param {"sending" | "sent" | "held" | "refused"} kind
   * @param {string} [words]
   * @param {{label: string, click: () => void}[]} [actions]
   */
  function setState(kind, words = "", actions = []) {
    item.dataset.state = kind;
    const buttons = actions.map(
      ({ label, click }) => el("button", { type: "button", class: "chat-link", on: { click } }, label),
    );
    replace(state, words, buttons);
  }

  /** @param {string} words what the sender made of it */
  function setText(words) {
    text.textContent = words;
    record.text = words;
  }

  /** @param {string} words how the sender is called */
  function setName(words) {
    name.textContent = words;
    record.name = words;
    if (toggle) label(toggle, words);
  }

  return { item, record, setState, setText, setName };
}

/**
 * @param {HTMLElement} item
 * @param {ChatRecord} record
 * @param {(record: ChatRecord) => Node} tools
 */
function addTools(item, record, tools) {
  const place = el("div", { class: "chat-tools", hidden: true });
  const toggle = el(
    "button", { type: "button", class: "chat-more", "aria-expanded": "false", on: { click } }, drawing("more"),
  );
  label(toggle, record.name);
  function click() {
    place.hidden = !place.hidden;
    toggle.setAttribute("aria-expanded", String(!place.hidden));
    if (!place.hidden && !place.hasChildNodes()) place.append(tools(record));
    place.scrollIntoView({ block: "nearest" });
  }
  item.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || place.hidden) return;
    click();
    toggle.focus();
  });
  item.append(toggle, place);
  return toggle;
}

/**
 * @param {HTMLElement} toggle
 * @param {string} name
 */
function label(toggle, name) {
  toggle.title = `Moderate ${name}`;
  toggle.setAttribute("aria-label", toggle.title);
}

/** @param {string} identity */
function hueOf(identity) {
  let sum = 0;
  for (const letter of identity) sum = (31 * sum + (letter.codePointAt(0) ?? 0)) % 9973;
  return String(sum % 6);
}
