// @ts-check
import { lengthOf, messageCap } from "./chat-rules.js";
import { el, replace } from "./dom.js";
import { drawing } from "./media-icons.js";

/** Characters left at which the count is shown. */
const countFrom = 100;

/**
 * Where one writes: a field, how much room is left, how long to wait, or why it is closed.
 * @param {(text: string) => void} send
 */
export function chatComposer(send) {
  const field = el("input", {
    type: "text", name: "message", autocomplete: "off", placeholder: "Say something", "aria-label": "Message",
    "aria-describedby": "chat-note", enterkeyhint: "send",
  });
  const button = el("button", { class: "button primary", "aria-label": "Send", title: "Send" }, drawing("send"));
  const count = el("span", { class: "chat-count", hidden: true });
  const note = el("p", { class: "chat-note", id: "chat-note" });
  const form = el(
    "form",
    { class: "chat-composer field", on: { submit } },
    note,
    el("div", { class: "chat-entry" }, field, count, button),
  );
  let closed = "";
  let rules = "";
  let waitUntil = 0;
  /** @type {any} */
  let timer;

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || closed || isWaiting() || lengthOf(text) > messageCap) return;
    field.value = "";
    counted();
    send(text);
  }

  function isWaiting() {
    return Date.now() < waitUntil;
  }

  function counted() {
    const left = messageCap - lengthOf(field.value.trim());
    count.hidden = left > countFrom;
    count.textContent = String(left);
    count.classList.toggle("problem", left < 0);
    field.setAttribute("aria-invalid", String(left < 0));
    update();
  }

  function update() {
    const seconds = Math.ceil((waitUntil - Date.now()) / 1000);
    field.disabled = Boolean(closed);
    button.disabled = Boolean(closed) || seconds > 0 || lengthOf(field.value.trim()) > messageCap;
    form.classList.toggle("closed", Boolean(closed));
    form.dataset.state = closed ? "closed" : seconds > 0 ? "waiting" : "open";
    note.textContent = closed || (seconds > 0 ? `You can write again in ${inWords(seconds)}.` : rules);
    replace(button, seconds > 0 && seconds < 100 ? String(seconds) : drawing("send"));
    clearTimeout(timer);
    if (seconds > 0) timer = setTimeout(update, Math.min(1000, waitUntil - Date.now() + 20));
  }

  field.addEventListener("input", counted);

  return {
    form,
    /**
     * @param {string} reason nothing: open
     * @param {string} words the chat's rules
     */
    setClosed(reason, words) {
      closed = reason;
      rules = words;
      update();
    },
    /** @param {number} seconds */
    wait(seconds) {
      waitUntil = Math.max(waitUntil, Date.now() + 1000 * seconds);
      update();
    },
    /**
     * Gives a refused text back, where nothing else was begun.
     * @param {string} text
     */
    restore(text) {
      if (!field.value) field.value = text;
      counted();
      field.focus();
    },
  };
}

/** @param {number} seconds */
function inWords(seconds) {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}
