// @ts-check
import { api } from "./api.js";
import { el, replace } from "./dom.js";
import { handleForm } from "./form.js";

/**
 * What the stream is called and who may chat: at first, before live, and while live.
 * @param {object} options
 * @param {any} [options.stream] as it is; nothing: the first time
 * @param {(stream: any) => void} options.done gets the stream as it is then
 * @param {() => void} [options.cancel]
 */
export function setupForm({ stream, done, cancel }) {
  const form = el(
    "form", { class: "stack", id: "setup", "aria-labelledby": "setup-title" },
    el(stream ? "h2" : "h1", { id: "setup-title" }, stream ? "Your stream" : "Set up your stream"),
    el(
      "p",
      { class: "muted" },
      stream ? "Viewers see changes at once." : "A title is enough to begin. Everything can be changed later, also while you are live.",
    ),
    el(
      "div",
      { class: "field" },
      el("label", { for: "title" }, "Title"),
      el("input", {
        id: "title", name: "title", required: true, maxlength: 200, autocomplete: "off", value: stream?.title ?? "",
        "aria-describedby": "title-hint",
      }),
      el("p", { class: "hint", id: "title-hint" }, "What people read before they come in."),
    ),
    el(
      "div",
      { class: "field" },
      el("label", { for: "description" }, "Description (optional)"),
      el("textarea", {
        id: "description", name: "description", maxlength: 5000, rows: 4, value: stream?.description ?? "",
      }),
    ),
    el(
      "fieldset",
      {},
      el("legend", {}, "Chat"),
      el(
        "div",
        { class: "live-switches" },
        rule("isChatEnabled", "Viewers may chat", stream?.isChatEnabled ?? true),
        rule("isChatFollowersOnly", "Only followers may chat", stream?.isChatFollowersOnly ?? false),
        rule("isChatDelayed", "Hold messages for a few seconds before they appear", stream?.isChatDelayed ?? false),
      ),
    ),
    el(
      "div",
      { class: "row" },
      el("button", { type: "submit", class: "button primary" }, stream ? "Save" : "Save and continue"),
      cancel && el("button", { type: "button", class: "button", on: { click: cancel } }, "Cancel"),
    ),
  );
  handleForm(form, async (values) => {
    const words = { title: values.title.trim(), description: values.description.trim() };
    done(await api.post("/api/stream/setup", { ...values, ...words }));
  });
  return form;
}

/**
 * The first time: the whole page.
 * @param {HTMLElement} element
 * @param {() => void} done
 */
export function showSetup(element, done) {
  const form = setupForm({ done });
  form.classList.add("card", "live-narrow");
  replace(element, form);
  form.querySelector("input")?.focus();
}

/**
 * The same in a dialog, over the check or the stream.
 * @param {any} stream
 * @param {(stream: any) => void} done
 */
export function editStream(stream, done) {
  const dialog = el("dialog", { class: "live-edit", "aria-labelledby": "setup-title" });
  const form = setupForm({
    stream,
    cancel: () => dialog.close(),
    done: (changed) => {
      dialog.close();
      done(changed);
    },
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {string} name
 * @param {string} text
 * @param {boolean} checked
 */
function rule(name, text, checked) {
  return el(
    "label",
    { class: "switch" },
    el("input", { type: "checkbox", role: "switch", name, checked }),
    el("span", {}, text),
  );
}
