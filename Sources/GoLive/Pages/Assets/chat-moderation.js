// @ts-check
import { api } from "./api.js";
import { el, replace } from "./dom.js";
import { toast } from "./toast.js";

/** Minutes that a host can choose from. */
const timeouts = [1, 5, 10, 60];

/**
 * What a host can do about a message and who wrote it. The server does it for everyone at once.
 * @param {string} host the host's username
 * @param {import("./chat-message.js").ChatRecord} record
 * @param {() => void} deleted
 */
export function moderationTools(host, { id, identity, name, username }, deleted) {
  const silence = el("div", { class: "chat-timeout", role: "group", "aria-label": `Time out ${name}` });

  /**
   * @param {() => Promise<any>} call
   * @param {string} done
   */
  async function perform(call, done) {
    try {
      await call();
      toast(done, "ok");
      return true;
    } catch (error) {
      toast(/** @type {Error} */ (error).message, "danger");
      return false;
    }
  }

  async function remove() {
    if (await perform(() => api.delete(`/api/chat/messages/${encodeURIComponent(id)}`), "Message deleted")) deleted();
  }

  /** @param {number} minutes none: it is lifted */
  async function timeOut(minutes) {
    const path = `/api/chat/${encodeURIComponent(host)}/timeouts/${encodeURIComponent(identity)}`;
    const done = minutes > 0 ? `${name} cannot write for ${inWords(minutes)}` : `${name} can write again`;
    if (!(await perform(() => api.put(path, { seconds: 60 * minutes }), done))) return;
    if (minutes > 0) offerToLift(minutes);
    else offerTimeouts();
    silence.querySelector("button")?.focus();
  }

  function offerTimeouts() {
    const choices = timeouts.map((minutes) => el(
      "button",
      {
        type: "button", class: "button small", "aria-label": `Time out for ${inWords(minutes)}`,
        on: { click: () => timeOut(minutes) },
      },
      minutes < 60 ? `${minutes} min` : "1 h",
    ));
    replace(silence, el("span", { class: "muted small" }, "Time out:"), choices);
  }

  /** @param {number} minutes */
  function offerToLift(minutes) {
    replace(
      silence,
      el("span", { class: "muted small" }, `Timed out for ${inWords(minutes)}`),
      el("button", { type: "button", class: "button small", on: { click: () => timeOut(0) } }, "Lift"),
    );
  }

  async function block() {
    const isSure = button.dataset.sure === "yes";
    button.dataset.sure = "yes";
    button.textContent = `Really block ${name}?`;
    if (!isSure) return;
    const path = `/api/users/${encodeURIComponent(username ?? "")}/block`;
    if (!(await perform(() => api.put(path), `${name} is blocked`))) return;
    button.textContent = "Blocked";
    button.disabled = true;
  }

  const button = el("button", { type: "button", class: "button small danger", on: { click: block } }, "Block");
  offerTimeouts();
  return el(
    "div", { class: "chat-moderation", role: "group", "aria-label": `About ${name}` },
    el("button", { type: "button", class: "button small", on: { click: remove } }, "Delete"),
    // Guests have no account to block.
    username && button,
    silence,
  );
}

/** @param {number} minutes */
function inWords(minutes) {
  if (minutes === 60) return "1 hour";
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
