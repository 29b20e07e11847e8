// @ts-check
import { el, replace } from "./dom.js";

/**
 * The overlay that says what is received, for people who want to know.
 * @param {HTMLElement} list a `dl`
 * @param {{signalRTT: number, subscriber: any}} stats
 * @param {number | undefined} age milliseconds from capture to screen
 */
export function showPlayerStats(list, { signalRTT, subscriber }, age) {
  const tracks = subscriber?.tracks ?? [];
  const video = tracks.find((/** @type {any} */ track) => track.kind === "video" && track.width > 0);
  const audio = tracks.find((/** @type {any} */ track) => track.kind === "audio");
  /** @type {[string, string][]} */
  const rows = [
    ["Codec", [video?.codec, audio?.codec].filter(Boolean).join(" · ") || "–"],
    ["Resolution", video ? `${video.width}×${video.height}` : "–"],
    ["Frames", video ? `${Math.round(video.fps)} a second · ${video.freezeCount} freezes` : "–"],
    ["Bitrate", bitrate((video?.bitrate ?? 0) + (audio?.bitrate ?? 0))],
    ["Loss", `${(100 * (video ?? audio)?.lossRatio || 0).toFixed(2)} %`],
    ["Round trip", `${subscriber?.rtt || Math.round(signalRTT)} ms`],
    ["Jitter buffer", `${video?.recentJitterBuffer ?? 0} ms picture · ${audio?.recentJitterBuffer ?? 0} ms sound`],
    ["Latency", age === undefined ? "not known yet" : `${Math.round(age)} ms from camera to screen`],
  ];
  replace(list, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** @param {number} bits a second */
export function bitrate(bits) {
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1e3)} kbit/s`;
}
