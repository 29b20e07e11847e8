// @ts-check
import { GoLiveRoom } from "./golive-client.js";
import { bitrate, checkRoom, element, followState, givenNumber, isTokenGiven, findToken, showStats, showStatus } from "./page.js";

const room = new GoLiveRoom({ startBitrate: givenNumber("startBitrate") });
Object.assign(globalThis, { room });
followState(room);

/** @type {Record<"camera" | "microphone" | "screen", import("./golive-client.js").LocalTrack[]>} */
const published = { camera: [], microphone: [], screen: [] };

async function goLive() {
  try {
    const token = element("token").value.trim();
    checkRoom(token);
    showStatus("Connecting…");
    await room.connect(location.origin, token);
    element("join").hidden = true;
    element("controls").hidden = false;
    showPeople();
    const results = await Promise.allSettled([
      room.publishCamera().then((local) => (published.camera = [local])),
      room.publishMicrophone().then((local) => (published.microphone = [local])),
    ]);
    showPicture();
    const failure = results.find((result) => result.status === "rejected");
    if (failure) showStatus(failure.reason.message, "trouble");
  } catch (error) {
    showStatus(/** @type {Error} */ (error).message, "trouble");
  }
}

function showPicture() {
  const video = published.screen.find(({ track }) => track.kind === "video") ?? published.camera[0];
  element("preview").srcObject = video ? new MediaStream([video.track]) : null;
  element("empty").hidden = video !== undefined;
  for (const [name, locals] of Object.entries(published)) {
    element(name).setAttribute("aria-pressed", String(locals.length > 0 && !locals[0].isMuted));
  }
}

function showPeople() {
  const items = room.participants.map((participant) => {
    const item = document.createElement("li");
    item.textContent = participant.name || participant.identity;
    return item;
  });
  if (items.length === 0) {
    const nobody = document.createElement("li");
    nobody.textContent = "Nobody else yet";
    items.push(nobody);
  }
  element("people").replaceChildren(...items);
}

/** @param {"camera" | "microphone"} name */
async function toggle(name) {
  const [local] = published[name];
  if (local) room.setMuted(local, !local.isMuted);
  else published[name] = [name === "camera" ? await room.publishCamera() : await room.publishMicrophone()];
  showPicture();
}

async function toggleScreen() {
  if (published.screen.length > 0) {
    const locals = published.screen.splice(0);
    for (const local of locals) {
      local.track.stop();
      await room.unpublish(local);
    }
  } else {
    published.screen = await room.publishScreen();
    published.screen[0]?.track.addEventListener("ended", () => {
      published.screen = [];
      showPicture();
    });
  }
  showPicture();
}

/** @param {() => Promise<void>} action */
function reporting(action) {
  return () => action().catch((error) => showStatus(error.message, "trouble"));
}

async function showSending() {
  if (room.state !== "connected") return;
  const { publisher } = await room.getStats();
  /** @type {[string, string][]} */
  const rows = [];
  for (const track of publisher?.tracks ?? []) {
    const size = track.kind === "video" ? `${track.width}×${track.height} · ${Math.round(track.fps)} fps · ` : "";
    rows.push([`${track.codec || track.kind} ${track.layer}`.trim(), size + bitrate(track.bitrate)]);
  }
  if (publisher) rows.push(["Round trip", `${publisher.rtt} ms`]);
  showStats(rows);
}

element("join").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  goLive();
});
element("camera").addEventListener("click", reporting(() => toggle("camera")));
element("microphone").addEventListener("click", reporting(() => toggle("microphone")));
element("screen").addEventListener("click", reporting(toggleScreen));
element("leave").addEventListener("click", () => room.disconnect());
for (const name of ["participantJoined", "participantLeft", "participantChanged"]) room.on(name, showPeople);
room.on("localTrackMuted", showPicture);
room.on("localTrackUnpublished", (lost) => {
  lost.track.stop();
  for (const [name, locals] of Object.entries(published)) {
    Object.assign(published, { [name]: locals.filter((local) => local !== lost) });
  }
  showPicture();
});
room.on("disconnected", () => {
  for (const local of Object.values(published).flat()) local.track.stop();
  Object.assign(published, { camera: [], microphone: [], screen: [] });
  showPicture();
  showPeople();
});
showPeople();
setInterval(showSending, 1000);
element("token").value = await findToken({ publish: true });
if (isTokenGiven) goLive();
