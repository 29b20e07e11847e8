// @ts-check
import { analyticsView } from "./analytics.js";
import { api } from "./api.js";
import { dashboardHead } from "./dashboard-head.js";
import { streamView } from "./dashboard-stream.js";
import { developerView } from "./developer.js";
import { byId, el, replace } from "./dom.js";
import { mountHeader } from "./header.js";
import { liveEvents } from "./live-events.js";
import { peopleView } from "./people.js";
import { requireUser } from "./session.js";
import { setupForm } from "./stream-setup.js";
import { tabs } from "./tabs.js";
import { showTrouble } from "./trouble.js";

/** @typedef {import("./session.js").User} User */
/**
 * @typedef {object} Stream
 * @property {string} title
 * @property {string} description
 * @property {string | null} thumbnail
 * @property {boolean} isLive
 * @property {string} phase
 * @property {number} viewerCount
 * @property {string | null} startedAt
 * @property {boolean} isChatEnabled
 * @property {boolean} isChatDelayed
 * @property {boolean} isChatFollowersOnly
 * @property {boolean} isChatOpenToGuests
 * @property {number} slowModeSeconds
 */

const content = byId("content");

/** @param {User} user */
async function open(user) {
  const asked = decodeURIComponent(location.pathname.split("/")[2] ?? "");
  if (asked.toLowerCase() !== user.username.toLowerCase()) return notYours(asked, user);
  if (user.creatorStatus !== "approved") return notApproved(user);
  // Whether there is a stream is asked of the profile: that nothing is set up yet is no failure.
  const { stream } = await api.get(`/api/users/${encodeURIComponent(user.username)}`);
  if (stream) show(user, await api.get("/api/stream/info"));
  else replace(content, setupForm((made) => show(user, made)));
}

/** @param {User} user @param {Stream} stream */
function show(user, stream) {
  const head = dashboardHead(user, stream);
  const parts = streamView(user, stream);
  /** @param {HTMLElement} panel */
  const showStream = (panel) => {
    panel.append(parts.element);
    parts.start();
  };
  const { elements, start } = tabs("Dashboard", [
    { name: "stream", text: "Stream", fill: showStream },
    { name: "analytics", text: "Analytics", fill: (panel) => panel.append(analyticsView()) },
    { name: "people", text: "People", fill: (panel) => panel.append(peopleView()) },
    { name: "developers", text: "Developers", fill: (panel) => panel.append(developerView(user)) },
  ]);
  replace(byId("head"), head.element);
  replace(content, elements);
  start();
  const close = liveEvents(user.username, {
    status: head.status,
    viewerCount: head.viewerCount,
    info: parts.info,
    chatSettings: parts.chatSettings,
  });
  // A page that comes back out of the browser's cache has heard nothing meanwhile.
  addEventListener("pagehide", close);
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}

/** @param {string} name @param {User} user */
function notYours(name, user) {
  const own = `/u/${encodeURIComponent(user.username)}`;
  replace(
    content,
    el(
      "div",
      { class: "empty" },
      el("strong", {}, `This is the dashboard of ${name}`),
      el("p", {}, "Only they can open it."),
      el(
        "div",
        { class: "row" },
        el("a", { class: "button primary", href: `/${encodeURIComponent(name)}` }, `Watch ${name}`),
        el("a", { class: "button", href: own }, "Your dashboard"),
      ),
    ),
  );
}

/** @param {User} user */
function notApproved({ creatorStatus }) {
  const isWaiting = creatorStatus === "pending";
  const first = isWaiting ? "When an administrator has approved it" : "Apply; when an administrator has approved it";
  replace(
    content,
    el(
      "div",
      { class: "empty" },
      el("strong", {}, isWaiting ? "Your application is waiting" : "You are not a creator yet"),
      el("p", {}, `${first}, your dashboard is here.`),
      el("a", { class: "button primary", href: "/apply" }, isWaiting ? "See your application" : "Become a creator"),
    ),
  );
}

mountHeader();
await requireUser().then(open).catch((error) => showTrouble(content, error));
content.removeAttribute("aria-busy");
