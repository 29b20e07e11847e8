// @ts-check
import { api } from "./api.js";
import { el, replace } from "./dom.js";
import { short, span } from "./format.js";

/** @typedef {import("./session.js").User} User */

/**
 * A page that is a few words and what can be done next.
 * @param {HTMLElement} main
 * @param {string} title
 * @param {string | Node} text
 * @param {...Node} actions
 */
export function showMessage(main, title, text, ...actions) {
  const words = typeof text === "string" ? el("p", {}, text) : text;
  replace(
    main,
    el("div", { class: "card stack live-narrow" }, el("h1", {}, title), words, el("div", { class: "row" }, actions)),
  );
}

/**
 * @param {HTMLElement} main
 * @param {User} user
 * @param {string} username whose page it is
 */
export function showNotYours(main, user, username) {
  showMessage(
    main,
    "This is not your channel",
    `You are signed in as ${user.displayName || user.username}.`,
    way(`/u/${encodeURIComponent(user.username)}/live`, "Go live on your own channel", "primary"),
    way(`/${encodeURIComponent(username)}`, "Watch this one"),
  );
}

/**
 * Who may not go live yet is told how to.
 * @param {HTMLElement} main
 * @param {User["creatorStatus"]} status
 */
export function showApply(main, status) {
  if (status === "pending") {
    showMessage(
      main,
      "Your application is being looked at",
      "You can go live as soon as an administrator has approved it. Nothing else is needed from you.",
      way("/apply", "Your application"),
      way("/", "Browse streams"),
    );
  } else if (status === "rejected") {
    showMessage(
      main,
      "Your application was rejected",
      "You may apply again, and say more about what you would like to stream.",
      way("/apply", "Apply again", "primary"),
      way("/", "Browse streams"),
    );
  } else {
    showMessage(
      main,
      "Become a creator first",
      "Going live needs an approved creator account. Applying takes a minute.",
      way("/apply", "Apply to be a creator", "primary"),
      way("/", "Browse streams"),
    );
  }
}

/**
 * What became of the stream, and its figures when the server has them.
 * @param {HTMLElement} main
 * @param {User} user
 * @param {boolean} wasEndedHere
 */
export function showEnded(main, user, wasEndedHere) {
  const figures = el("dl", { class: "live-summary", hidden: true });
  const why = wasEndedHere
    ? "Thank you for streaming."
    : "It was ended from another page, or by itself because nothing arrived for half a minute.";
  showMessage(
    main,
    "Your stream has ended",
    el("div", { class: "stack" }, el("p", {}, why), figures),
    way(location.pathname, "Go live again", "primary"),
    way(`/u/${encodeURIComponent(user.username)}#analytics`, "Analytics"),
    way(`/${encodeURIComponent(user.username)}`, "Your channel"),
  );
  summarise(figures).catch(() => {});
}

/** @param {HTMLElement} list */
async function summarise(list) {
  const { sessions } = await api.get("/api/stream/analytics?limit=1");
  const [last] = sessions.items;
  if (!last) return;
  const rows = [
    ["Live for", span(last.duration)],
    ["Viewers at most", short(last.peakViewers)],
    ["Chat messages", short(last.chatMessages)],
    ["New followers", short(last.newFollowers)],
  ];
  replace(list, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  list.hidden = false;
}

/**
 * @param {string} href
 * @param {string} text
 */
export function way(href, text, kind = "") {
  return el("a", { class: `button ${kind}`, href }, text);
}
