// @ts-check
import { ask } from "./ask.js";
import { mountChat } from "./chat.js";
import { copyLink } from "./copy-link.js";
import { adviceNotice, devicePicker } from "./device-picker.js";
import { kinds } from "./devices.js";
import { el, replace } from "./dom.js";
import { elapsedSince } from "./elapsed.js";
import { counted, short } from "./format.js";
import { icon } from "./icons.js";
import { liveBanner } from "./live-banner.js";
import { liveEvents } from "./live-events.js";
import { drawing, drawnButton, redraw } from "./media-icons.js";
import { adviceFor } from "./media-errors.js";
import { bitrate } from "./player-stats.js";
import { toast } from "./toast.js";
import { Uplink } from "./uplink.js";

const lookEvery = 2000;

/**
 * What the creator sees while live: the picture, that it is live, for how long and to how many, and every switch.
 * @param {HTMLElement} element
 * @param {object} options
 * @param {import("./broadcast.js").Broadcast} options.broadcast
 * @param {import("./devices.js").Devices} options.devices
 * @param {import("./session.js").User} options.user
 * @returns {() => void} takes it away
 */
export function showOnAir(element, { broadcast, devices, user }) {
  const { room } = broadcast;
  const address = `${location.origin}/${encodeURIComponent(user.username)}`;
  const preview = el(
    "video",
    { class: "live-preview", id: "preview", autoplay: true, playsinline: true, "aria-label": "What your viewers see" },
  );
  preview.muted = true;
  const covered = el("div", { class: "live-cover" }, el("p", {}, "The camera is off"));
  const badge = el("span", { class: "badge live live-badge" }, "LIVE");
  const time = elapsedSince();
  const count = el("span", { class: "live-count" });
  const uplinkWords = el("span", { class: "live-uplink", role: "status" });
  const microphone = drawnButton("microphone", "Microphone off", () => flip("microphone"));
  const camera = drawnButton("camera", "Camera off", () => flip("camera"));
  const screen = drawnButton("screen", "Share the screen", share);
  screen.hidden = !navigator.mediaDevices?.getDisplayMedia;
  const end = el(
    "button",
    { type: "button", class: "button danger", id: "end-stream", on: { click: finish } },
    "End stream",
  );
  const problems = el("div", { class: "stack" });
  const chat = el("aside", { class: "live-chat", "aria-label": "Chat of your stream" });

  replace(
    element,
    el(
      "div", { class: "live-air" },
      el(
        "div", { class: "stack" },
        el(
          "div", { class: "live-stage on-air" }, preview, covered,
          el("div", { class: "live-signs" }, badge, time.element, count),
          el("div", { class: "live-tools", role: "group", "aria-label": "What is sent" }, microphone, camera, screen),
          liveBanner(broadcast),
        ),
        el(
          "div",
          { class: "row spread" },
          el("h1", { class: "live-title" }, broadcast.stream?.title ?? ""),
          el("div", { class: "row" }, copyLink(address), end),
        ),
        el("p", {}, uplinkWords),
        problems,
        el(
          "details",
          { class: "card live-devices" },
          el("summary", {}, "Camera and microphone"),
          el("div", { class: "stack" }, devicePicker(devices, "camera"), devicePicker(devices, "microphone")),
        ),
      ),
      chat,
    ),
  );
  mountChat(chat, { username: user.username, room, isHost: true }).know({ host: user });

  /** @param {import("./devices.js").Kind} kind */
  function flip(kind) {
    return broadcast.toggle(kind).catch((error) => toast(error.message, "danger"));
  }

  async function share() {
    try {
      await broadcast.toggleScreen();
    } catch (error) {
      const { kind, title, text } = adviceFor(error, "screen");
      // Whoever closes the browser's question knows that they did.
      if (kind !== "denied") toast(`${title}. ${text}`, "danger");
    }
  }

  async function finish() {
    const people = `${counted(viewers, "person", "people")} ${viewers === 1 ? "is" : "are"} watching.`;
    const watching = viewers > 0 ? people : "Nobody is watching right now.";
    const isSure = await ask(
      { title: "End the stream?", text: watching, yes: "End stream", no: "Keep streaming", isDanger: true },
    );
    if (!isSure) return;
    await broadcast.end().catch((error) => toast(error.message, "danger"));
  }

  /** @type {MediaStreamTrack | undefined} */
  let shown;
  function update() {
    const shared = broadcast.screen.find(({ track }) => track.kind === "video");
    const picture = shared?.track ?? (broadcast.isSent("camera") ? devices.tracks.camera : undefined);
    if (picture !== shown) {
      shown = picture;
      preview.srcObject = picture ? new MediaStream([picture]) : null;
    }
    covered.hidden = Boolean(picture);
    const [hasSound, hasPicture] = [broadcast.isSent("microphone"), broadcast.isSent("camera")];
    redraw(microphone, hasSound ? "microphone" : "microphoneOff", hasSound ? "Microphone off" : "Microphone on");
    redraw(camera, hasPicture ? "camera" : "cameraOff", hasPicture ? "Camera off" : "Camera on");
    redraw(screen, "screen", broadcast.isSharing ? "Stop sharing the screen" : "Share the screen");
    microphone.classList.toggle("off", !hasSound);
    camera.classList.toggle("off", !hasPicture);
    screen.classList.toggle("on", broadcast.isSharing);
    badge.classList.toggle("live", broadcast.state === "live");
    badge.textContent = broadcast.state === "live" ? "LIVE" : broadcast.state === "elsewhere" ? "ELSEWHERE" : "NOT SENT";
    const wrong = kinds.filter((kind) => devices.advice[kind]);
    const text = wrong.join();
    if (problems.dataset.text === text) return;
    problems.dataset.text = text;
    replace(
      problems,
      wrong.map((kind) => adviceNotice(/** @type {any} */ (devices.advice[kind]), () => devices.turnOn(kind))),
    );
  }

  let viewers = broadcast.stream?.viewerCount ?? 0;
  /** @param {number} number */
  function showCount(number) {
    viewers = number;
    replace(
      count,
      icon("eye"),
      el("span", {}, short(number)),
      el("span", { class: "visually-hidden" }, number === 1 ? "person watches" : "people watch"),
    );
  }

  const uplink = new Uplink();
  const timer = setInterval(async () => {
    if (broadcast.state !== "live") return replace(uplinkWords, "Not connected");
    const report = uplink.report((await room.getStats()).publisher);
    const words = `${report.words} · ${bitrate(report.bitrate)}`;
    uplinkWords.dataset.level = report.level;
    // Said only when the words change, not with every number.
    uplinkWords.setAttribute("aria-live", uplinkWords.dataset.words === report.words ? "off" : "polite");
    uplinkWords.dataset.words = report.words;
    replace(uplinkWords, report.level !== "good" && drawing("warning"), words);
  }, lookEvery);

  const off = [
    broadcast.on("changed", update), broadcast.on("state", update), devices.on("changed", update),
    liveEvents(user.username, {
      status: ({ viewerCount, startedAt }) => {
        showCount(viewerCount);
        time.since(startedAt);
      },
      viewerCount: showCount,
    }),
    () => clearInterval(timer),
  ];
  showCount(viewers);
  time.since(broadcast.stream?.startedAt ?? new Date().toISOString());
  update();

  return () => off.forEach((stop) => stop());
}
