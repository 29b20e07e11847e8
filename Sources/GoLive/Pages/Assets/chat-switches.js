// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";

const rules = /** @type {const} */ ([
  ["isChatEnabled", "Chat is open", "Off: only you can write."],
  ["isChatFollowersOnly", "Followers only", "Who does not follow you can read, not write."],
  ["isChatOpenToGuests", "Guests may write", "Guests are people without an account."],
  [
    "isChatDelayed",
    "Delay messages",
    "Messages of others are held for a few seconds, so that you can delete them in time.",
  ],
]);
const pauses = { 0: "Off", 5: "5 seconds", 10: "10 seconds", 30: "30 seconds", 60: "1 minute", 300: "5 minutes" };

/**
 * The rules of the chat. A switch shows what the server has: while a change is under way it is busy, and when it fails
 * it goes back and says why.
 * @param {Record<string, any>} settings
 */
export function chatSwitches(settings) {
  const known = { ...settings };
  /** @type {Map<string, {show: () => void, isBusy: boolean}>} */
  const parts = new Map();
  const switches = rules.filter(([name]) => name in settings).map(([name, text, hint]) => switchOf(name, text, hint));
  const pause = "slowModeSeconds" in settings ? slowMode() : undefined;

  /**
   * @param {string} name
   * @param {HTMLElement} control
   * @param {HTMLElement} problem
   * @param {() => void} put shows what is known
   * @param {() => any} read what was chosen
   */
  function follow(name, control, problem, put, read) {
    const part = { isBusy: false, show: () => part.isBusy || put() };
    parts.set(name, part);
    control.addEventListener("change", async () => {
      if (part.isBusy) return put();
      const wanted = read();
      part.isBusy = true;
      control.setAttribute("aria-busy", "true");
      problem.textContent = "";
      try {
        Object.assign(known, { [name]: wanted }, await api.put("/api/stream/chat-settings", { [name]: wanted }));
      } catch (error) {
        problem.textContent = `Not changed: ${/** @type {Error} */ (error).message}`;
      }
      part.isBusy = false;
      control.removeAttribute("aria-busy");
      put();
    });
    put();
  }

  /** @param {string} name @param {string} text @param {string} hint */
  function switchOf(name, text, hint) {
    const input = el("input", { type: "checkbox", role: "switch", id: name, name, "aria-describedby": `${name}-hint` });
    const problem = el("p", { class: "problem", role: "alert" });
    follow(name, input, problem, () => (input.checked = known[name]), () => input.checked);
    return el(
      "div",
      {},
      el("label", { class: "switch" }, input, el("span", {}, text)),
      el("p", { class: "muted small", id: `${name}-hint` }, hint),
      problem,
    );
  }

  function slowMode() {
    const choices = {
      ...pauses,
      ...(known.slowModeSeconds in pauses ? {} : { [known.slowModeSeconds]: `${known.slowModeSeconds} seconds` }),
    };
    const select = el(
      "select",
      { id: "slowModeSeconds", name: "slowModeSeconds" },
      Object.entries(choices).map(([value, text]) => el("option", { value }, text)),
    );
    const problem = el("p", { class: "problem", role: "alert" });
    const put = () => (select.value = String(known.slowModeSeconds));
    follow("slowModeSeconds", select, problem, put, () => Number(select.value));
    return el(
      "div",
      { class: "field" },
      el("label", { for: "slowModeSeconds" }, "Slow mode: wait between messages"),
      select,
      problem,
    );
  }

  return {
    element: el(
      "section",
      { class: "card stack", "aria-labelledby": "chat-rules" },
      el("h2", { id: "chat-rules" }, "Chat"),
      switches,
      pause,
    ),
    /**
     * What another page, or the server, has changed.
     * @param {Record<string, any>} settings
     */
    show(settings) {
      for (const [name, part] of parts) {
        if (!(name in settings) || part.isBusy) continue;
        known[name] = settings[name];
        part.show();
      }
    },
  };
}
