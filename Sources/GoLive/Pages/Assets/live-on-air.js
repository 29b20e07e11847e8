// @ts-check
import { ask } from "./ask.js";
import { mountChat } from "./chat.js";
import { copyLink } from "./copy-link.js";
import { devicePicker } from "./device-picker.js";
import { el, replace } from "./dom.js";
import { counted } from "./format.js";
import { deviceAdvice } from "./live-advice.js";
import { liveBanner } from "./live-banner.js";
import { liveEvents } from "./live-events.js";
import { editStream } from "./live-setup.js";
import { liveSigns } from "./live-signs.js";
import { liveTools } from "./live-tools.js";
import { uplinkSign } from "./live-uplink.js";
import { drawing } from "./media-icons.js";
import { microphoneMeter } from "./microphone-meter.js";
import { toast } from "./toast.js";

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
  const { room, stream } = broadcast;
  const preview = el(
    "video",
    { class: "live-preview", id: "preview", autoplay: true, playsinline: true, "aria-label": "What your viewers see" },
  );
  preview.muted = true;
  const covered = el("div", { class: "live-cover" }, drawing("cameraOff"), el("p", {}, "The camera is off"));
  const signs = liveSigns(broadcast);
  const tools = liveTools(broadcast);
  const uplink = uplinkSign(broadcast);
  const advice = deviceAdvice(devices);
  const meter = microphoneMeter();
  const lists = [devicePicker(devices, "camera"), devicePicker(devices, "microphone")];
  const stage = el("div", { class: "live-stage" }, preview, covered, signs.element, tools.element, liveBanner(broadcast));
  const title = el("h1", { class: "live-title" }, stream.title);
  const edit = el(
    "button",
    { type: "button", class: "button", on: { click: () => editStream(stream, rename) } },
    "Edit",
  );
  const end = el(
    "button",
    { type: "button", class: "button danger", id: "end-stream", on: { click: finish } },
    "End stream",
  );
  const chat = el("aside", { class: "live-chat", "aria-label": "Chat of your stream" });

  replace(
    element,
    el(
      "div", { class: "live-air" },
      el(
        "div", { class: "stack" },
        stage,
        el(
          "div",
          { class: "row spread" },
          title,
          el("div", { class: "row live-actions" }, copyLink(`${location.origin}/${encodeURIComponent(user.username)}`), edit, end),
        ),
        el("div", { class: "live-figures" }, uplink.element, meter.element),
        advice.element,
        el(
          "details",
          { class: "card live-devices" },
          el("summary", {}, "Camera and microphone"),
          el("div", { class: "live-pickers" }, lists.map((list) => list.element)),
        ),
      ),
      chat,
    ),
  );
  mountChat(chat, { username: user.username, room, isHost: true }).know({ host: user });

  async function finish() {
    const people = `${counted(viewers, "person", "people")} ${viewers === 1 ? "is" : "are"} watching.`;
    const watching = viewers > 0 ? people : "Nobody is watching right now.";
    const isSure = await ask(
      { title: "End the stream?", text: watching, yes: "End stream", no: "Keep streaming", isDanger: true },
    );
    if (!isSure) return;
    await broadcast.end().catch((error) => toast(error.message, "danger"));
  }

  /** @param {{title?: string}} changes */
  function rename(changes) {
    Object.assign(stream, changes);
    title.textContent = stream.title;
  }

  /** @type {MediaStreamTrack | undefined} */
  let shown;
  function update() {
    const picture = broadcast.screen.picture ?? (broadcast.isSent("camera") ? devices.tracks.camera : undefined);
    if (picture !== shown) {
      shown = picture;
      preview.srcObject = picture ? new MediaStream([picture]) : null;
    }
    covered.hidden = Boolean(picture);
    stage.classList.toggle("on-air", broadcast.state === "live");
    meter.listen(broadcast.isSent("microphone") ? devices.tracks.microphone : undefined);
  }

  let viewers = 0;
  /** @param {number} number */
  function showCount(number) {
    viewers = number;
    signs.showCount(number);
  }

  const off = [
    broadcast.on("changed", update), broadcast.on("state", update), devices.on("changed", update),
    liveEvents(user.username, {
      status: ({ viewerCount, startedAt }) => {
        showCount(viewerCount);
        signs.since(startedAt);
      },
      viewerCount: showCount,
      info: rename,
    }),
    ...[signs, tools, uplink, advice, meter, ...lists].map(({ stop }) => stop),
  ];
  showCount(stream.viewerCount ?? 0);
  signs.since(stream.startedAt ?? new Date().toISOString());
  update();

  return () => off.forEach((stop) => stop());
}
