// @ts-check
import { api, ApiError } from "./api.js";
import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { handleForm } from "./form.js";
import { ago } from "./format.js";
import { pagedList } from "./paged-list.js";
import { toast } from "./toast.js";

/** @typedef {{user: import("./stream-card.js").Person, since: string}} Acquaintance */

/** Who follows, and who is blocked. */
export function peopleView() {
  const followers = pagedList({
    path: () => "/api/stream/followers",
    row: (one) => person(one, "Follows you"),
    empty: () => nobody(
      "Nobody follows you yet",
      "Say it on the stream: who follows you finds you on their start page.",
    ),
  });
  const blocked = pagedList({
    path: () => "/api/stream/blocked",
    row: (one) => person(one, "Blocked", unblock(one)),
    empty: () => nobody(
      "Nobody is blocked",
      "Block somebody here or from the chat: they leave at once and do not see you any more.",
    ),
  });
  followers.load();
  blocked.load();

  /** @param {Acquaintance} one */
  function unblock({ user }) {
    const click = async () => {
      try {
        await api.delete(`/api/users/${encodeURIComponent(user.username)}/block`);
        toast(`${user.displayName} may watch again.`, "ok");
        await blocked.load();
      } catch (error) {
        toast(/** @type {Error} */ (error).message, "danger");
      }
    };
    return el(
      "button",
      { type: "button", class: "button small", "aria-label": `Unblock ${user.displayName}`, on: { click } },
      "Unblock",
    );
  }

  return el(
    "div",
    { class: "dashboard-halves" },
    el(
      "section",
      { class: "card stack", "aria-labelledby": "followers" },
      el("h2", { id: "followers" }, "Followers"),
      followers.element,
    ),
    el(
      "section",
      { class: "card stack", "aria-labelledby": "blocked" },
      el("h2", { id: "blocked" }, "Blocked"),
      blockForm(() => blocked.load()),
      blocked.element,
    ),
  );
}

/** @param {() => void} done */
function blockForm(done) {
  const form = el(
    "form",
    { class: "stack", id: "block-form" },
    el(
      "div",
      { class: "field" },
      el("label", { for: "block-name" }, "Username"),
      el(
        "div",
        { class: "row nowrap" },
        el(
          "input",
          {
            id: "block-name", name: "username", maxlength: 33, required: true, autocomplete: "off",
            autocapitalize: "none", spellcheck: "false", "aria-describedby": "block-hint",
          },
        ),
        el("button", { type: "submit", class: "button danger" }, "Block"),
      ),
      el("p", { class: "hint", id: "block-hint" }, "They leave your stream at once, and neither of you finds the other."),
    ),
  );
  handleForm(form, async ({ username }) => {
    const name = username.trim().replace(/^@/, "");
    try {
      await api.put(`/api/users/${encodeURIComponent(name)}/block`);
    } catch (error) {
      const known = { user_not_found: "is nobody's on this server", self: "is your own" };
      const reason = error instanceof ApiError && known[/** @type {keyof typeof known} */ (error.code)];
      if (!reason) throw error;
      throw new ApiError(error.status, error.code, error.message, { details: { username: reason } });
    }
    form.reset();
    toast(`${name} is blocked.`, "ok");
    done();
  });
  return form;
}

/** @param {Acquaintance} one @param {string} word @param {HTMLElement} [action] */
function person({ user, since }, word, action) {
  return el(
    "li",
    { class: "row spread" },
    el(
      "div",
      { class: "person" },
      avatar(user),
      el(
        "div",
        {},
        el("p", {}, el("strong", {}, user.displayName), " ", el("span", { class: "muted" }, `@${user.username}`)),
        el("p", { class: "muted small" }, `${word} · ${ago(since)}`),
      ),
    ),
    action,
  );
}

/** @param {string} title @param {string} text */
const nobody = (title, text) => el("div", { class: "empty" }, el("strong", {}, title), el("p", {}, text));
