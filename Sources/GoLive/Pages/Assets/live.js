// @ts-check
import { api } from "./api.js";
import { ask } from "./ask.js";
import { Broadcast } from "./broadcast.js";
import { Devices } from "./devices.js";
import { byId, el, replace } from "./dom.js";
import { mountHeader } from "./header.js";
import { showCheck } from "./live-check.js";
import { showOnAir } from "./live-on-air.js";
import { showSetup } from "./live-setup.js";
import { requireUser } from "./session.js";

/** Kept for this tab, so that a reload while live goes on by itself. */
const liveKey = "golive.live";

const main = byId("main");
const username = decodeURIComponent(location.pathname.split("/")[2] ?? "");
let leave = () => {};

/** @param {() => (() => void) | void} show puts a view in place of the one that was there */
function enter(show) {
  leave();
  main.removeAttribute("aria-busy");
  leave = show() ?? (() => {});
}

/**
 * @param {string} title
 * @param {string} text
 * @param {...Node} actions
 */
function message(title, text, ...actions) {
  enter(
    () => replace(
      main,
      el(
        "div",
        { class: "card stack live-narrow" },
        el("h1", {}, title),
        el("p", {}, text),
        el("div", { class: "row" }, actions),
      ),
    ),
  );
}

/**
 * @param {string} href
 * @param {string} text
 */
function way(href, text, kind = "") {
  return el("a", { class: `button ${kind}`, href }, text);
}

mountHeader();
const user = await requireUser();
const devices = new Devices();
const broadcast = new Broadcast(devices);
Object.assign(globalThis, { room: broadcast.room });

async function begin() {
  if (user.username.toLowerCase() !== username.toLowerCase()) {
    const own = `/u/${encodeURIComponent(user.username)}/live`;
    message(
      "This is not your channel",
      `You are signed in as ${user.displayName || user.username}.`,
      way(own, "Go live on your own channel", "primary"),
      way(`/${encodeURIComponent(username)}`, "Watch this one"),
    );
    return;
  }
  if (user.creatorStatus !== "approved") return apply();
  try {
    const stream = await api.get("/api/stream/info");
    const { isLive } = await api.get("/api/stream/status");
    if (isLive && sessionStorage.getItem(liveKey)) await goOn(stream);
    else check(stream, isLive);
  } catch (error) {
    explain(/** @type {import("./api.js").ApiError} */ (error));
  }
}

function apply() {
  const isPending = user.creatorStatus === "pending";
  if (isPending) message(
    "Your application is being looked at",
    "You can go live as soon as it is approved.",
    way("/apply", "Your application"),
  );
  else message(
    "Become a creator first",
    "Going live needs an approved creator account. Applying takes a minute.",
    way("/apply", "Apply to be a creator", "primary"),
  );
}

/** @param {import("./api.js").ApiError} error */
function explain({ code, message: text }) {
  if (code === "stream_not_found") enter(() => showSetup(main, begin));
  else if (code === "creator_not_approved") apply();
  else {
    message(
      "This did not work",
      text,
      el("button", { type: "button", class: "button primary", on: { click: begin } }, "Try again"),
    );
  }
}

/**
 * @param {any} stream
 * @param {boolean} isLive
 */
function check(stream, isLive) {
  document.title = "Go live · GoLive";
  enter(() => showCheck(main, { devices, stream, isLive, goLive: start }));
}

/** Goes live; where another page is live, asks which one is to be. */
async function start() {
  try {
    await broadcast.start();
  } catch (error) {
    if (/** @type {any} */ (error).code !== "already_live") throw error;
    const isSure = await ask({
      title: "You are live from another page", text: "Going live here ends it there. Your viewers notice only a moment.",
      yes: "Take over here", no: "Leave it there",
    });
    if (isSure) await broadcast.start({ takeOver: true });
  }
}

/**
 * After a reload while live: with the same devices, without a question.
 * @param {any} stream
 */
async function goOn(stream) {
  check(stream, true);
  if (!(await Devices.areAllowed())) return;
  if (!devices.isOpen) await devices.open();
  await broadcast.start({ takeOver: true }).catch(() => {});
}

function ended() {
  devices.close();
  const watch = way(`/${encodeURIComponent(user.username)}`, "Your channel");
  message(
    "Your stream has ended",
    "Thank you for streaming.",
    way(location.pathname, "Go live again", "primary"),
    way(`/u/${encodeURIComponent(user.username)}`, "Dashboard"),
    watch,
  );
}

broadcast.on("state", (state) => {
  const isLive = state === "live";
  if (isLive) sessionStorage.setItem(liveKey, "yes");
  if (state === "ended" || state === "elsewhere") sessionStorage.removeItem(liveKey);
  if (isLive && !main.querySelector(".live-air")) {
    enter(() => showOnAir(main, { broadcast, devices, user }));
  }
  if (
    broadcast.isOn && main.querySelector(".live-air")
  ) document.title = `● LIVE · ${broadcast.stream?.title ?? ""} · GoLive`;
  if (state === "ended") ended();
});

addEventListener("beforeunload", (event) => {
  if (broadcast.isOn) event.preventDefault();
});

begin();
