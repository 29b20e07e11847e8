// @ts-check
import { api } from "./api.js";
import { copyButton } from "./copy.js";
import { el, replace } from "./dom.js";
import { when } from "./format.js";

const words = {
  webhooks:
    "Whoever runs this server can name addresses that are told what happens in rooms: room_started, room_finished, " +
    "participant_joined, participant_left, track_published and track_unpublished.",
  deliveries:
    "Each is a POST of application/webhook+json. Its Authorization header is a token signed with the API secret that " +
    "carries the body's SHA-256: LiveKit's receivers check it as they are. What could not be delivered is tried " +
    "again for an hour.",
};

/**
 * Tokens and addresses for those who build on this server with an SDK of LiveKit.
 * @param {import("./session.js").User} user
 */
export function developerView(user) {
  return el(
    "div",
    { class: "dashboard-halves" },
    el(
      "section",
      { class: "card stack", "aria-labelledby": "tokens" },
      el("h2", { id: "tokens" }, "Tokens for SDKs"),
      el(
        "p",
        {},
        "This server speaks LiveKit's protocol: give its SDKs the address and a token, and they join your room.",
      ),
      tokenMaker(
        "Viewer token",
        "Watches your stream and may chat as your rules say. It can never publish.",
        () => api.post("/api/viewer/token", { hostId: user.id }),
      ),
      tokenMaker(
        "Creator's own view",
        "Watches your stream as yourself, and is not counted as a viewer.",
        () => api.post("/api/stream/creator-token"),
      ),
    ),
    el(
      "div",
      { class: "stack" },
      el(
        "section",
        { class: "card stack", "aria-labelledby": "example" },
        el("h2", { id: "example" }, "From JavaScript"),
        code(`import { Room } from "livekit-client";

const answer = await fetch("${location.origin}/api/viewer/token", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ hostId: "${user.id}", guestName: "Ada" }),
});
const { data } = await answer.json();
const room = new Room();
await room.connect(data.wsUrl, data.token);`),
        el(
          "p",
          { class: "small" },
          "Every call is described in ",
          el("a", { href: "/openapi.json" }, "/openapi.json"),
          ".",
        ),
      ),
      el(
        "section",
        { class: "card stack", "aria-labelledby": "webhooks" },
        el("h2", { id: "webhooks" }, "Webhooks"),
        el("p", {}, words.webhooks),
        el("p", {}, words.deliveries),
        user.role === "admin" && el("p", {}, el("a", { href: "/admin?view=webhooks" }, "See what was delivered")),
      ),
    ),
  );
}

/**
 * @param {string} title
 * @param {string} about
 * @param {() => Promise<{token: string, identity: string, wsUrl: string}>} make
 */
function tokenMaker(title, about, make) {
  const result = el("div", { class: "stack", hidden: true });
  const problem = el("p", { class: "problem", role: "alert" });
  const click = async () => {
    problem.textContent = "";
    try {
      const { token, identity, wsUrl } = await make();
      result.hidden = false;
      replace(result, value("Address", wsUrl), value("Identity", identity), value("Token", token), expiry(token));
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  return el(
    "div",
    { class: "stack" },
    el(
      "div",
      { class: "row spread" },
      el("div", { class: "grow" }, el("h3", {}, title), el("p", { class: "muted small" }, about)),
      el(
        "button",
        { type: "button", class: "button", "aria-label": `Make a ${title.toLowerCase()}`, on: { click } },
        "Make one",
      ),
    ),
    problem,
    result,
  );
}

let count = 0;

/** @param {string} label @param {string} text */
function value(label, text) {
  const id = `value-${(count += 1)}`;
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, label),
    el(
      "div",
      { class: "row nowrap" },
      el("input", { id, readonly: true, value: text, spellcheck: "false" }),
      copyButton(() => text, "Copy", `Copy ${label.toLowerCase()}`),
    ),
  );
}

/** @param {string} token */
function expiry(token) {
  try {
    const body = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    return el(
      "p",
      { class: "muted small" },
      `Good until ${when(new Date(1000 * body.exp).toISOString())}. Keep it to yourself.`,
    );
  } catch {
    return null;
  }
}

/** @param {string} text */
function code(text) {
  return el(
    "div",
    { class: "code" },
    el("pre", { tabindex: 0, role: "region", "aria-label": "Example" }, el("code", {}, text)),
    copyButton(() => text, "Copy example"),
  );
}
