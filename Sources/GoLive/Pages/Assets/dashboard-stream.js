// @ts-check
import { api } from "./api.js";
import { Autosave } from "./autosave.js";
import { chatSwitches } from "./chat-switches.js";
import { el } from "./dom.js";
import { thumbnailCard } from "./thumbnail.js";
import { titleHistory } from "./title-history.js";

/**
 * The stream as its viewers see it, and everything about it that can be changed.
 * @param {import("./session.js").User} user
 * @param {import("./dashboard.js").Stream} stream
 */
export function streamView(user, stream) {
  const player = el("div", { id: "player" });
  const title = el("input", { id: "title", name: "title", maxlength: 200, value: stream.title, autocomplete: "off" });
  const description = el(
    "textarea",
    { id: "description", name: "description", maxlength: 5000, rows: 5, value: stream.description },
  );
  const history = titleHistory(() => title.value.trim(), (text) => savedTitle.set(text));
  const savedTitle = new Autosave(title, {
    objection: (text) => (text ? undefined : "A title has at least one character."),
    save: async (text) => {
      await api.put("/api/stream/info", { title: text });
      history.load();
    },
  });
  const savedDescription = new Autosave(description, {
    save: (text) => api.put("/api/stream/info", { description: text }),
  });
  const chat = chatSwitches(stream);
  const thumbnail = thumbnailCard(stream.thumbnail);

  const element = el(
    "div",
    { class: "dashboard-columns" },
    player,
    el(
      "div",
      { class: "stack dashboard-about" },
      el(
        "section",
        { class: "card stack", "aria-labelledby": "about" },
        el("h2", { id: "about" }, "About the stream"),
        field("title", "Title", title, savedTitle.sign),
        field("description", "Description", description, savedDescription.sign),
      ),
      history.element,
    ),
    el("div", { class: "stack dashboard-side" }, chat.element, thumbnail.element),
  );
  return {
    element,
    /** Begins to watch, once somebody looks. */
    start: () => mountSelfView(player, user.username),
    /** @param {{title?: string, description?: string, thumbnail?: string | null}} info */
    info(info) {
      if (info.title !== undefined) savedTitle.show(info.title);
      if (info.description !== undefined) savedDescription.show(info.description);
      if (info.thumbnail !== undefined) thumbnail.show(info.thumbnail);
    },
    chatSettings: chat.show,
  };
}

/** @param {string} id @param {string} label @param {HTMLElement} control @param {HTMLElement} sign */
function field(id, label, control, sign) {
  return el(
    "div",
    { class: "field" },
    el("div", { class: "row spread" }, el("label", { for: id }, label), sign),
    control,
  );
}

/** @param {HTMLElement} place @param {string} username */
async function mountSelfView(place, username) {
  try {
    const { mountPlayer } = await import("./player.js");
    mountPlayer(place, { username, selfView: true });
  } catch {
    place.hidden = true;
  }
}
