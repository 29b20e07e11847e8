// @ts-check
import { el, replace } from "./dom.js";
import { elapsedSince } from "./elapsed.js";
import { short } from "./format.js";
import { icon } from "./icons.js";

/** What the badge says: only what is true. */
const badges = { live: "LIVE", elsewhere: "ELSEWHERE" };

/**
 * Whether it is live, for how long, and for how many.
 * @param {import("./broadcast.js").Broadcast} broadcast
 */
export function liveSigns(broadcast) {
  const badge = el("span", { class: "badge live-badge", role: "status" });
  const time = elapsedSince();
  const count = el("span", { class: "live-count" });
  const element = el("div", { class: "live-signs" }, badge, time.element, count);

  function update() {
    const words = badges[/** @type {keyof typeof badges} */ (broadcast.state)] ?? "NOT SENT";
    badge.classList.toggle("live", broadcast.state === "live");
    if (badge.textContent !== words) badge.textContent = words;
  }

  const stop = broadcast.on("state", update);
  update();
  return {
    element,
    stop,
    since: time.since,
    /** @param {number} viewers */
    showCount(viewers) {
      replace(
        count,
        icon("eye"),
        el("span", {}, short(viewers)),
        el("span", { class: "visually-hidden" }, viewers === 1 ? "person watches" : "people watch"),
      );
    },
  };
}
