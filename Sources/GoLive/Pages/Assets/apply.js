// @ts-check
import { api } from "./api.js";
import { byId, el, replace } from "./dom.js";
import { handleForm } from "./form.js";
import { ago } from "./format.js";
import { mountHeader } from "./header.js";
import { requireUser, session } from "./session.js";
import { showTrouble } from "./trouble.js";

const content = byId("content");

/** @param {import("./session.js").User} user */
async function show(user) {
  const { creatorStatus } = user;
  // Others have no application to ask for: they never applied, or were approved without.
  const isAsked = creatorStatus === "pending" || creatorStatus === "rejected";
  const application = isAsked ? await api.get("/api/creator/application") : {};
  replace(content, ...(creatorStatus === "none" ? form() : states[creatorStatus](user, application)));
  content.removeAttribute("aria-busy");
}

/** @typedef {{reason?: string, createdAt?: string, decidedAt?: string}} Application */

const states = {
  /** @param {unknown} _ @param {Application} application */
  pending: (_, { reason, createdAt }) => [
    el(
      "section",
      { class: "card stack", "aria-labelledby": "state" },
      el(
        "div",
        { class: "row" },
        el("h2", { id: "state" }, "Your application is waiting"),
        el("span", { class: "badge" }, "Pending"),
      ),
      el(
        "p",
        {},
        "An administrator of this server will read it. You need not do anything; this page says when it is decided.",
      ),
      createdAt && el("p", { class: "muted small" }, `Sent ${ago(createdAt)}`),
      reason && el("blockquote", { class: "notice" }, reason),
    ),
  ],
  /** @param {import("./session.js").User} user */
  approved: ({ username }) => [
    el(
      "section",
      { class: "card stack", "aria-labelledby": "state" },
      el(
        "div",
        { class: "row" },
        el("h2", { id: "state" }, "You are a creator"),
        el("span", { class: "badge ok" }, "Approved"),
      ),
      el("p", {}, "Give your stream a title, check your camera and microphone, and go live from this browser."),
      el(
        "div",
        { class: "row" },
        el("a", { class: "button primary", href: `/u/${username}/live` }, "Go live"),
        el("a", { class: "button", href: `/u/${username}` }, "Open the dashboard"),
      ),
    ),
  ],
  /** @param {unknown} _ @param {Application} application */
  rejected: (_, { decidedAt }) => [
    el(
      "section",
      { class: "notice danger stack" },
      el(
        "div",
        { class: "row" },
        el("h2", {}, "Your application was rejected"),
        el("span", { class: "badge danger" }, "Rejected"),
      ),
      el("p", {}, "You may apply again and say more about what you want to stream."),
      decidedAt && el("p", { class: "muted small" }, `Decided ${ago(decidedAt)}`),
    ),
    ...form(),
  ],
};

function form() {
  const made = el(
    "form",
    { class: "card stack", id: "form" },
    el("p", {}, "Creators go live on this server. Tell its administrator in a few words what you want to stream."),
    el(
      "div",
      { class: "field" },
      el("label", { for: "reason" }, "What will you stream? (optional)"),
      el("textarea", { id: "reason", name: "reason", maxlength: 1000, rows: 4 }),
    ),
    el("button", { type: "submit", class: "button primary" }, "Apply"),
  );
  handleForm(made, async ({ reason }) => {
    await api.post("/api/creator/application", reason.trim() ? { reason: reason.trim() } : {});
    await session.refresh();
    const user = await session.user();
    if (user) await show(user);
    content.querySelector("h2")?.setAttribute("tabindex", "-1");
    content.querySelector("h2")?.focus();
  });
  return [made];
}

mountHeader();
await requireUser().then(show).catch((error) => showTrouble(content, error));
