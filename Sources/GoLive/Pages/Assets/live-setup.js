// @ts-check
import { api } from "./api.js";
import { el, replace } from "./dom.js";

/**
 * The first time: what the stream is called and who may chat.
 * @param {HTMLElement} element
 * @param {() => void} done
 */
export function showSetup(element, done) {
  const problem = el("p", { class: "problem", role: "alert" });
  const title = el(
    "input",
    {
      id: "title",
      name: "title",
      required: true,
      maxlength: 200,
      autocomplete: "off",
      "aria-describedby": "title-hint",
    },
  );
  const description = el("textarea", { id: "description", name: "description", maxlength: 5000, rows: 4 });
  const chat = toggle("Viewers may chat", true);
  const followers = toggle("Only followers may chat", false);
  const delayed = toggle("Hold messages for a few seconds before they appear", false);
  const button = el("button", { class: "button primary" }, "Save and continue");

  const form = el(
    "form", { class: "card stack live-narrow", on: { submit } },
    el("h1", {}, "Set up your stream"),
    el("p", { class: "muted" }, "You can change all of this later, also while you are live."),
    el(
      "div",
      { class: "field" },
      el("label", { for: "title" }, "Title"),
      title,
      el("p", { class: "hint", id: "title-hint" }, "What people will see. Up to 200 characters."),
    ),
    el("div", { class: "field" }, el("label", { for: "description" }, "Description (optional)"), description),
    el(
      "fieldset",
      {},
      el("legend", {}, "Chat"),
      el("div", { class: "live-switches" }, chat.element, followers.element, delayed.element),
    ),
    problem,
    el("div", {}, button),
  );

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    try {
      await api.post("/api/stream/setup", {
        title: title.value.trim(), description: description.value.trim(), isChatEnabled: chat.input.checked,
        isChatFollowersOnly: followers.input.checked, isChatDelayed: delayed.input.checked,
      });
      done();
    } catch (error) {
      const { message, details = {} } = /** @type {import("./api.js").ApiError} */ (error);
      problem.textContent = Object.values(details).join(" ") || message;
      title.setAttribute("aria-invalid", String("title" in details));
      button.disabled = false;
    }
  }

  replace(element, form);
  title.focus();
}

/**
 * @param {string} label
 * @param {boolean} checked
 */
function toggle(label, checked) {
  const input = el("input", { type: "checkbox", role: "switch", checked });
  return { input, element: el("label", { class: "switch" }, input, el("span", {}, label)) };
}
