// @ts-check
import { el, replace } from "./dom.js";
import { drawing } from "./media-icons.js";
import { bitrate } from "./player-stats.js";
import { Uplink } from "./uplink.js";

const lookEvery = 2000;

/**
 * How well the picture gets out: in words, and the figure behind them. Read aloud only when the words change.
 * @param {import("./broadcast.js").Broadcast} broadcast
 */
export function uplinkSign(broadcast) {
  const sign = el("span", { class: "live-uplink-sign" });
  const spoken = el("span", { role: "status" });
  const figure = el("span", { class: "muted" });
  const element = el("p", { class: "live-uplink" }, sign, spoken, figure);
  const uplink = new Uplink();

  async function update() {
    if (broadcast.state !== "live") {
      uplink.reset();
      return show("poor", broadcast.state === "starting" ? "Connecting…" : "Not connected");
    }
    const { publisher } = await broadcast.room.getStats();
    const report = uplink.report(publisher, { isSending: broadcast.isSending });
    show(report.level, report.words, report.bitrate);
  }

  /**
   * @param {import("./uplink.js").UplinkReport["level"]} level
   * @param {string} words
   * @param {number} [bits] a second
   */
  function show(level, words, bits = 0) {
    element.dataset.level = level;
    replace(sign, (level === "fair" || level === "poor") && drawing("warning"));
    if (spoken.textContent !== words) spoken.textContent = words;
    figure.textContent = bits > 0 ? `· ${bitrate(bits)}` : "";
  }

  const timer = setInterval(update, lookEvery);
  const off = broadcast.on("state", update);
  show("unknown", "Measuring…");
  update();
  return {
    element,
    stop() {
      clearInterval(timer);
      off();
    },
  };
}
