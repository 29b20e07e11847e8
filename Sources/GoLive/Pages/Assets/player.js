// @ts-check
import { el, replace } from "./dom.js";
import { drawing } from "./media-icons.js";
import { playerControls } from "./player-controls.js";
import { keys, listenToKeys } from "./player-keys.js";
import { PlayerMonitor } from "./player-monitor.js";
import { PlayerPicture } from "./player-picture.js";
import { drawScreen, screenFor } from "./player-screens.js";
import { showPlayerStats } from "./player-stats.js";
import { ViewerSession } from "./viewer-session.js";

/** Milliseconds without a movement after which the controls leave the picture alone. */
const idleAfter = 3000;

/**
 * The viewer's player. What is built here is in the page when this returns; the stream follows by itself.
 * @param {HTMLElement} element an empty one
 * @param {{username: string, selfView?: boolean, isEmbedded?: boolean, onTheatre?: () => boolean}} options `selfView`: the
 *   creator watching, who would hear themself; `onTheatre` changes the page's layout and says whether it is a theatre now
 */
export function mountPlayer(element, { username, selfView = false, isEmbedded = false, onTheatre }) {
  const session = new ViewerSession({ username, selfView });
  const video = el("video", { id: "video", class: "player-video", playsinline: true });
  const picture = new PlayerPicture(video, session.room, { isSilent: selfView });
  const monitor = new PlayerMonitor(session.room, picture);
  const controls = playerControls(picture, act, { canTheatre: Boolean(onTheatre) });
  const screen = el("div", { class: "player-screen" });
  const badge = el("span", { class: "badge live player-live", hidden: true }, "LIVE");
  const stats = el("dl", { class: "player-stats", hidden: true });
  const unmute = el(
    "button", { type: "button", class: "player-unmute", hidden: true, on: { click: () => picture.setMuted(false) } },
    drawing("muted"), "Tap to unmute",
  );
  const said = el("p", { class: "visually-hidden", role: "status" });
  const help = el(
    "dialog", { class: "player-help", "aria-label": "Keyboard shortcuts" },
    el("h2", {}, "Keyboard shortcuts"),
    el("dl", {}, keys.map(([key, what]) => el("div", {}, el("dt", {}, key), el("dd", {}, what)))),
    el("form", { method: "dialog" }, el("button", { class: "button" }, "Close")),
  );
  const frame = el(
    "section", { class: "player-frame", "aria-label": "Live picture", tabindex: -1 },
    video, screen, badge, stats, unmute, controls.bar, said, help,
  );
  element.append(frame);

  /** @param {import("./player-keys.js").Command} command */
  function act(command) {
    wake();
    switch (command) {
      case "mute": return picture.setMuted(!picture.isMuted);
      case "louder": return picture.stepVolume(1);
      case "quieter": return picture.stepVolume(-1);
      case "pause": return picture.setPaused(!picture.isPaused);
      case "live": return monitor.goLive();
      case "fullscreen": return toggleFullscreen();
      case "pip": return togglePictureInPicture();
      case "help": return help.open ? help.close() : help.showModal();
      case "theatre":
        if (onTheatre) controls.theatre.setAttribute("aria-pressed", String(onTheatre()));
        return;
      case "stats":
        stats.hidden = !stats.hidden;
        controls.stats.setAttribute("aria-pressed", String(!stats.hidden));
    }
  }

  function toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (frame.requestFullscreen) frame.requestFullscreen().catch(() => {});
    // A phone of Apple's shows only videos in full.
    else /** @type {any} */ (video).webkitEnterFullscreen?.();
  }

  function togglePictureInPicture() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else if (document.pictureInPictureEnabled && video.readyState > 0) video.requestPictureInPicture().catch(() => {});
  }

  let shown = "";
  function update() {
    const { hasPicture, isPaused } = picture;
    const words = screenFor(session.state, session.stream, { hasPicture, isPaused, isStalled: monitor.isStalled });
    frame.dataset.state = session.state;
    badge.hidden = session.state !== "live";
    unmute.hidden = !picture.needsClick || session.state !== "live";
    video.classList.toggle("covered", Boolean(words && !words.keepsPicture));
    const now = JSON.stringify([words, session.stream?.thumbnail]);
    if (now === shown) return;
    shown = now;
    screen.hidden = !words;
    screen.classList.toggle("veil", Boolean(words?.keepsPicture));
    replace(screen, words ? drawScreen(words, session.stream, () => session.retry()) : []);
    said.textContent = words ? words.title : session.state === "live" ? "Live" : "";
  }

  /** @type {any} */
  let timer;
  function wake() {
    frame.classList.remove("idle");
    clearTimeout(timer);
    timer = setTimeout(() => frame.classList.toggle("idle", session.state === "live" && !picture.isPaused), idleAfter);
  }

  session.on("state", update);
  session.on("stream", update);
  picture.on("changed", update);
  monitor.on("stalled", update);
  monitor.on("measured", ({ stats: measured, age }) => {
    controls.showLatency(session.state === "live" ? age : undefined);
    if (!stats.hidden) showPlayerStats(stats, measured, age);
  });
  for (const name of ["pointermove", "pointerdown", "focusin"]) frame.addEventListener(name, wake);
  video.addEventListener("dblclick", () => act("fullscreen"));
  video.addEventListener("click", () => picture.needsClick && picture.setMuted(false));
  const stopKeys = listenToKeys(act);
  frame.classList.toggle("embedded", isEmbedded);
  update();
  wake();
  session.start();

  function close() {
    stopKeys();
    monitor.close();
    session.close();
    frame.remove();
  }

  return { session, picture, room: session.room, act, close };
}
