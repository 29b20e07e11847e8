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
  const text = el("span", { class: "chat-text" }, record.text);
  const item = el(
    "li", { class: "chat-message", dataset: { id: record.id, hue: hueOf(record.identity) } },
    el("time", { datetime: new Date(record.sentAt).toISOString() }, clock.format(record.sentAt)),
    el("b", { class: "chat-name" }, record.name),
    record.isHost && el("span", { class: "badge" }, "Host"),
    text, state,
  );
  if (record.isOwn) item.classList.add("own");
  if (tools && !record.isOwn) addTools(item, record, tools);

  /**
   * @param {"sending" | "sent" | "held" | "refused"} name
   * @param {string} [words]
   * @param {{label: string, click: () => void}[]} [actions]
   */
  function setState(name, words = "", actions = []) {
    item.dataset.state = name;
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

  return { item, record, setState, setText };
}

/**
 * @param {HTMLElement} item
 * @param {ChatRecord} record
 * @param {(record: ChatRecord) => Node} tools
 */
function addTools(item, record, tools) {
  const place = el("div", { class: "chat-tools", hidden: true });
  const label = `Moderate ${record.name}`;
  const toggle = el(
    "button", {
      type: "button",
      class: "chat-more",
      "aria-label": label,
      title: label,
      "aria-expanded": "false",
      on: { click },
    },
    drawing("more"),
  );
  function click() {
    place.hidden = !place.hidden;
    toggle.setAttribute("aria-expanded", String(!place.hidden));
    if (!place.hidden && !place.hasChildNodes()) place.append(tools(record));
  }
  item.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || place.hidden) return;
    click();
    toggle.focus();
  });
  item.append(toggle, place);
}

/** @param {string} identity */
function hueOf(identity) {
  let sum = 0;
  for (const letter of identity) sum = (31 * sum + (letter.codePointAt(0) ?? 0)) % 9973;
  return String(sum % 6);
}
