// @ts-check
import { passwordCard } from "./account-password.js";
import { avatar } from "./avatar.js";
import { byId, el, replace } from "./dom.js";
import { handleForm } from "./form.js";
import { mountHeader } from "./header.js";
import { sessionList } from "./session-list.js";
import { requireUser, session } from "./session.js";
import { toast } from "./toast.js";
import { showTrouble } from "./trouble.js";

/** @typedef {import("./session.js").User} User */

const content = byId("content");

/** @param {User} user */
function profile(user) {
  const face = el("span", {}, avatar(user, "large"));
  const name = el("strong", {}, user.displayName);
  const form = el(
    "form",
    { class: "stack" },
    el(
      "div",
      { class: "field" },
      el("label", { for: "displayName" }, "Display name"),
      el(
        "input",
        {
          id: "displayName",
          name: "displayName",
          value: user.displayName,
          maxlength: 64,
          required: true,
          autocomplete: "nickname",
        },
      ),
    ),
    el(
      "div",
      { class: "field" },
      el("label", { for: "bio" }, "About you"),
      el(
        "textarea",
        { id: "bio", name: "bio", maxlength: 500, rows: 4, value: user.bio ?? "", "aria-describedby": "bio-hint" },
      ),
      el("p", { class: "hint", id: "bio-hint" }, "Shown beside your stream."),
    ),
    el("button", { type: "submit", class: "button primary" }, "Save"),
  );
  handleForm(form, async ({ displayName, bio }) => {
    const changed = await session.update({ displayName: displayName.trim(), bio: bio.trim() });
    if (!changed) return;
    replace(face, avatar(changed, "large"));
    name.textContent = changed.displayName;
    toast("Your profile is saved.", "ok");
  });
  return el(
    "section",
    { class: "card stack", "aria-labelledby": "profile" },
    el("h2", { id: "profile" }, "Profile"),
    el("div", { class: "row" }, face, el("div", {}, name, el("p", { class: "muted" }, `@${user.username}`))),
    form,
  );
}

/** @param {User} user */
function creator(user) {
  const words = {
    none: ["You watch and chat. To go live yourself, apply to become a creator.", "Become a creator", "/apply"],
    pending: ["Your application is waiting for an administrator.", "See your application", "/apply"],
    rejected: ["Your application was rejected. You may apply again.", "Apply again", "/apply"],
    approved: ["You are a creator on this server.", "Open the dashboard", `/u/${user.username}`],
  };
  const [text, action, href] = words[user.creatorStatus];
  return el(
    "section",
    { class: "card stack", "aria-labelledby": "creating" },
    el("h2", { id: "creating" }, "Creating"),
    el("p", {}, text),
    el("div", { class: "row" }, el("a", { class: "button", href }, action)),
  );
}

mountHeader();
try {
  const user = await requireUser();
  const sessions = await sessionList();
  replace(content, profile(user), passwordCard(user, sessions.load), creator(user), sessions.element);
  content.removeAttribute("aria-busy");
} catch (error) {
  showTrouble(content, error);
}
