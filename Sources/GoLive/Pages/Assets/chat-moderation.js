// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";
import { toast } from "./toast.js";

/** Minutes that a host can choose from. */
const timeouts = [1, 5, 10, 60];

/**
 * What a host can do about a message and who wrote it. The server does it for everyone at once.
 * @param {string} username the host's
 * @param {import("./chat-message.js").ChatRecord} record
 * @param {() => void} deleted
 */
export function moderationTools(username, record, deleted) {
  const { id, identity, name, userId } = record;

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

  /** @param {number} minutes */
  function timeOut(minutes) {
    const path = `/api/chat/${encodeURIComponent(username)}/timeouts/${encodeURIComponent(identity)}`;
    return perform(
      () => api.put(path, { seconds: 60 * minutes }),
      `${name} cannot write for ${minutesInWords(minutes)}`,
    );
  }

  async function block() {
    const isSure = button.dataset.sure === "yes";
    button.dataset.sure = "yes";
    button.textContent = `Really block ${name}?`;
    if (!isSure) return;
    const blocked = encodeURIComponent(record.username ?? userId ?? "");
    if (await perform(() => api.put(`/api/users/${blocked}/block`), `${name} is blocked`)) button.disabled = true;
  }

  const button = el("button", { type: "button", class: "button small danger", on: { click: block } }, "Block");
  return el(
    "div", { class: "chat-moderation", role: "group", "aria-label": `About ${name}` },
    el("button", { type: "button", class: "button small", on: { click: remove } }, "Delete"),
    el("span", { class: "muted small" }, "Time out:"),
    timeouts.map((minutes) => el(
      "button",
      {
        type: "button",
        class: "button small",
        "aria-label": `Time out for ${minutesInWords(minutes)}`,
        on: { click: () => timeOut(minutes) },
      },
      minutes < 60 ? `${minutes} min` : "1 h",
    )),
    // Guests have no account to block.
    userId && button,
  );
}

/** @param {number} minutes */
function minutesInWords(minutes) {
  if (minutes === 60) return "1 hour";
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
