// @ts-check
import { GoLiveRoom } from "./golive-client.js";
import { bitrate, checkRoom, element, followState, findToken, showStats, showStatus } from "./page.js";

const messageCap = 200;

const room = new GoLiveRoom();
Object.assign(globalThis, { room });
followState(room);

/** What plays now. */
const stream = new MediaStream();
/** @type {HTMLVideoElement} */
const video = element("video");

async function watch() {
  try {
    const token = element("token").value.trim();
    checkRoom(token);
    showStatus("Connecting…");
    await room.connect(location.origin, token);
    element("join").hidden = true;
    element("controls").hidden = false;
    allowMessages(room.local?.permission.canPublishData ?? false);
  } catch (error) {
    showStatus(/** @type {Error} */ (error).message, "trouble");
  }
}

/** A shared screen goes before the camera; one picture and all the sound of the room play. */
function play() {
  const subscribed = room.subscribedTracks;
  const pictures = subscribed.filter(({ track }) => track.kind === "video");
  const shown = pictures.find(({ publication }) => publication.source === "SCREEN_SHARE") ?? pictures[0];
  const wanted = subscribed.filter((one) => one === shown || one.track.kind === "audio").map(({ track }) => track);
  if (room.state === "connected") {
    for (const track of stream.getTracks()) if (!wanted.includes(track)) stream.removeTrack(track);
  }
  for (const track of wanted) stream.addTrack(track);
  element("empty").hidden = shown !== undefined || room.state === "reconnecting";
  if (wanted.length === 0) return;
  if (!video.srcObject) video.srcObject = stream;
  start();
}

/** Browsers may refuse sound before a click: then the picture plays and a button offers the sound. */
async function start() {
  try {
    await video.play();
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "NotAllowedError") return;
    video.muted = true;
    element("unmute").hidden = false;
    await video.play().catch(() => {});
  }
}

/** @param {boolean} allowed */
function allowMessages(allowed) {
  for (const field of element("say").elements) field.disabled = !allowed;
  element("text").placeholder = allowed ? "Say something" : "You may not write here";
}

/**
 * @param {string} from
 * @param {string} text
 */
function showMessage(from, text) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = from;
  item.append(name, text);
  const list = element("messages");
  list.append(item);
  while (list.children.length > messageCap) list.firstElementChild.remove();
  list.scrollTop = list.scrollHeight;
}

async function say() {
  const field = element("text");
  const text = field.value.trim();
  if (!text) return;
  try {
    await room.sendData(text, { topic: "chat" });
    field.value = "";
    showMessage(room.local?.name || room.local?.identity || "You", text);
  } catch (error) {
    showStatus(/** @type {Error} */ (error).message, "trouble");
  }
}

async function showReceiving() {
  if (room.state !== "connected") return;
  const { subscriber } = await room.getStats();
  /** @type {[string, string][]} */
  const rows = [];
  for (const track of subscriber?.tracks ?? []) {
    const size = track.kind === "video" ? `${track.width}×${track.height} · ${Math.round(track.fps)} fps · ` : "";
    rows.push([track.codec || track.kind, size + bitrate(track.bitrate)]);
    rows.push(["Buffer · lost", `${track.jitterBuffer} ms · ${(100 * track.lossRatio).toFixed(1)} %`]);
  }
  if (subscriber) rows.push(["Round trip", `${subscriber.rtt} ms`]);
  showStats(rows);
}

function setLayers() {
  const layer = element("layer").value;
  for (const { sid, track } of room.subscribedTracks) if (track.kind === "video") room.setLayer(sid, layer);
}

element("join").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  watch();
});
element("say").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  say();
});
element("unmute").addEventListener("click", () => {
  video.muted = false;
  element("unmute").hidden = true;
});
element("layer").addEventListener("change", setLayers);
element("leave").addEventListener("click", () => room.disconnect());
room.on("trackSubscribed", () => {
  play();
  if (element("layer").value !== "HIGH") setLayers();
});
room.on("trackUnsubscribed", play);
room.on("localChanged", (local) => allowMessages(local.permission.canPublishData ?? false));
room.on("data", ({ payload, identity }) => {
  const sender = room.participants.find((participant) => participant.identity === identity);
  showMessage(sender?.name || identity || "Server", new TextDecoder().decode(payload));
});
room.on("disconnected", () => {
  for (const track of stream.getTracks()) stream.removeTrack(track);
  element("empty").hidden = false;
  allowMessages(false);
});
setInterval(showReceiving, 1000);
element("token").value = await findToken({ publish: false });
if (element("token").value) watch();
