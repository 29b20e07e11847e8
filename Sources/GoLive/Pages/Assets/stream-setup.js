// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";
import { handleForm } from "./form.js";

/**
 * The first visit: what the stream is called, and who may chat.
 * @param {(stream: import("./dashboard.js").Stream) => void} done
 */
export function setupForm(done) {
  const form = el(
    "form",
    { class: "card stack setup", id: "setup", "aria-labelledby": "setup-title" },
    el("h2", { id: "setup-title" }, "Set up your stream"),
    el(
      "p",
      { class: "muted" },
      "A title is enough to begin. Everything can be changed later, also while you are live.",
    ),
    el(
      "div",
      { class: "field" },
      el("label", { for: "title" }, "Title"),
      el("input", { id: "title", name: "title", maxlength: 200, required: true, autocomplete: "off" }),
    ),
    el(
      "div",
      { class: "field" },
      el("label", { for: "description" }, "Description (optional)"),
      el("textarea", { id: "description", name: "description", maxlength: 5000, rows: 4 }),
    ),
    el(
      "fieldset",
      {},
      el("legend", {}, "Chat"),
      rule("isChatEnabled", "Chat is open", true),
      rule("isChatFollowersOnly", "Only followers may write", false),
      rule("isChatDelayed", "Delay messages by a few seconds", false),
    ),
    el("button", { type: "submit", class: "button primary" }, "Save and continue"),
  );
  handleForm(
    form,
    async (values) => done(await api.post("/api/stream/setup", { ...values, title: values.title.trim() })),
  );
  return form;
}

/** @param {string} name @param {string} text @param {boolean} checked */
function rule(name, text, checked) {
  return el(
    "div",
    {},
    el(
      "label",
      { class: "switch" },
      el("input", { type: "checkbox", role: "switch", name, checked }),
      el("span", {}, text),
    ),
  );
}
