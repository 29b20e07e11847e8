// @ts-check
import { api } from "./api.js";
import { ask } from "./ask.js";
import { Broadcast } from "./broadcast.js";
import { Devices, kinds } from "./devices.js";
import { byId, el } from "./dom.js";
import { mountHeader } from "./header.js";
import { showCheck } from "./live-check.js";
import { rememberOnAir, wasOnAir } from "./live-memory.js";
import { showApply, showEnded, showMessage, showNotYours } from "./live-messages.js";
import { showOnAir } from "./live-on-air.js";
import { showSetup } from "./live-setup.js";
import { requireUser } from "./session.js";
import { toast } from "./toast.js";

const main = byId("main");
const username = decodeURIComponent(location.pathname.split("/")[2] ?? "");
let leave = () => {};

/** @param {() => (() => void) | void} show puts a view in place of the one that was there */
function enter(show) {
  const hadFocus = main.contains(document.activeElement);
  leave();
  main.removeAttribute("aria-busy");
  leave = show() ?? (() => {});
  // Whoever works by keyboard or ear goes on where the new view begins.
  const heading = main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  if (hadFocus && !main.contains(document.activeElement)) heading?.focus();
}

mountHeader();
const user = await requireUser();
const devices = new Devices();
const broadcast = new Broadcast(devices);
Object.assign(globalThis, { room: broadcast.room });

async function begin() {
  if (user.username.toLowerCase() !== username.toLowerCase()) {
    return enter(() => showNotYours(main, user, username));
  }
  if (user.creatorStatus !== "approved") return enter(() => showApply(main, user.creatorStatus));
  try {
    // Whether there is a stream is asked of the profile: that nothing is set up yet is no failure.
    const { stream: isSetUp } = await api.get(`/api/users/${encodeURIComponent(user.username)}`);
    if (!isSetUp) return enter(() => showSetup(main, begin));
    const stream = await api.get("/api/stream/info");
    const before = wasOnAir();
    if (stream.isLive && before) await goOn(stream, before);
    else check(stream);
  } catch (error) {
    const { code, message } = /** @type {import("./api.js").ApiError} */ (error);
    if (code === "creator_not_approved") return enter(() => showApply(main, "none"));
    const again = el("button", { type: "button", class: "button primary", on: { click: begin } }, "Try again");
    enter(() => showMessage(main, "This did not work", message, again));
  }
}

/** @param {any} stream */
function check(stream) {
  document.title = "Go live · GoLive";
  enter(() => showCheck(main, { devices, stream, isLive: stream.isLive, goLive: start }));
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
 * After a reload while live: with what was on then, without a question.
 * @param {any} stream
 * @param {import("./devices.js").Kind[]} wanted
 */
async function goOn(stream, wanted) {
  const isAsked = wanted.length > 0 && (await Devices.areAllowed());
  if (isAsked) await devices.open(wanted);
  check(stream);
  if (isAsked) await broadcast.start({ takeOver: true }).catch((error) => toast(error.message, "danger"));
}

/** @param {BeforeUnloadEvent} event */
function hold(event) {
  event.preventDefault();
}

broadcast.on("state", (state) => {
  if (broadcast.isOn) addEventListener("beforeunload", hold);
  else removeEventListener("beforeunload", hold);
  if (state === "live" && !main.querySelector(".live-air")) {
    enter(() => showOnAir(main, { broadcast, devices, user }));
  }
  if (state === "ended") {
    devices.close();
    enter(() => showEnded(main, user, broadcast.wasEndedHere));
  }
  const sign = { live: "● LIVE", ended: "Ended", elsewhere: "Live elsewhere" }[/** @type {string} */ (state)];
  if (main.querySelector(".live-air")) document.title = `${sign ?? "Not sent"} · ${broadcast.stream?.title} · GoLive`;
  else document.title = state === "ended" ? "Stream ended · GoLive" : "Go live · GoLive";
  remember();
});
broadcast.on("changed", remember);

function remember() {
  if (broadcast.state === "live") rememberOnAir(kinds.filter((kind) => broadcast.isSent(kind)));
  else if (broadcast.state === "ended" || broadcast.state === "elsewhere") rememberOnAir(undefined);
}

begin();
