// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";
import { withDeadline } from "./events.js";
import { GoLiveRoom } from "./golive-client.js";

const probes = 5;
const mediaDeadline = 8000;

/**
 * @typedef {object} NetworkReport
 * @property {"good" | "fair" | "poor"} level
 * @property {string} words
 */

/**
 * The check as a line of the page, with a way to repeat it when something was found. `stop` ends a check that is under
 * way, so that it takes nothing from the broadcast; `goOn` begins it anew.
 */
export function networkSign() {
  const words = el("span", { role: "status" });
  const again = el("button", { type: "button", class: "button small", on: { click: check } }, "Check again");
  const element = el("div", { class: "live-network" }, words, again);

  /** @type {AbortController | undefined} of the check that is under way */
  let underWay;

  async function check() {
    element.removeAttribute("data-level");
    again.hidden = true;
    words.textContent = "Checking the network…";
    const attempt = new AbortController();
    underWay = attempt;
    const report = await checkNetwork(attempt.signal);
    if (attempt.signal.aborted) return;
    underWay = undefined;
    element.dataset.level = report.level;
    words.textContent = report.words;
    again.hidden = report.level === "good";
  }

  check();
  return {
    element,
    stop: () => underWay?.abort(),
    goOn: () => {
      if (underWay) check();
    },
  };
}

/**
 * A short look at the way to the server: how far it is, and whether media gets through, by joining the room as its own
 * viewer for a moment.
 * @param {AbortSignal} [signal] ends it; what it found is of no use then
 * @returns {Promise<NetworkReport>}
 */
export async function checkNetwork(signal = new AbortController().signal) {
  const distance = await roundTrip();
  if (distance === undefined) return { level: "poor", words: "The server does not answer. Check your connection." };
  if (!(await mediaPath(signal))) {
    return {
      level: "poor",
      words: "The server answers, but media does not get through. A firewall or a VPN may block UDP; try another network.",
    };
  }
  const away = `${distance} ms to the server`;
  if (distance > 400) return { level: "poor", words: `Media gets through, but it is ${away}: expect delays.` };
  if (distance > 150) return { level: "fair", words: `Media gets through, ${away}.` };
  return { level: "good", words: `Network is good. Media gets through, ${away}.` };
}

/** The median of a few small requests, in milliseconds; the first one, which opens the connection, does not count. */
async function roundTrip() {
  const times = [];
  for (let index = 0; index <= probes; index += 1) {
    const start = performance.now();
    try {
      await withDeadline(fetch("/healthz", { cache: "no-store" }), 3000, "the server");
    } catch {
      return undefined;
    }
    if (index > 0) times.push(performance.now() - start);
  }
  return Math.round(times.sort((a, b) => a - b)[Math.floor(probes / 2)]);
}

/** @param {AbortSignal} signal */
async function mediaPath(signal) {
  const room = new GoLiveRoom();
  const connected = room.next("mediaConnected");
  signal.addEventListener("abort", () => room.disconnect());
  try {
    signal.throwIfAborted();
    const { token, wsUrl } = await api.post("/api/stream/creator-token");
    signal.throwIfAborted();
    await room.connect(wsUrl || location.origin, token);
    await withDeadline(connected, mediaDeadline, "the way for media");
    return true;
  } catch {
    return false;
  } finally {
    room.disconnect();
  }
}
