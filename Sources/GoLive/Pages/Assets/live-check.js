// @ts-check
import { adviceNotice, devicePicker } from "./device-picker.js";
import { Devices, kinds } from "./devices.js";
import { el, replace } from "./dom.js";
import { drawnButton, redraw } from "./media-icons.js";
import { obstacle } from "./media-errors.js";
import { microphoneMeter } from "./microphone-meter.js";
import { checkNetwork } from "./network-check.js";

/**
 * The check before live: what viewers will see and hear, and whether it gets through.
 * @param {HTMLElement} element
 * @param {{devices: Devices, stream: any, isLive: boolean, goLive: () => Promise<void>}} options `isLive`: the stream goes
 *   on from here
 * @returns {() => void} takes the check away
 */
export function showCheck(element, { devices, stream, isLive, goLive }) {
  const preview = el(
    "video",
    { class: "live-preview", id: "preview", autoplay: true, playsinline: true, "aria-label": "Preview of your camera" },
  );
  preview.muted = true;
  const covered = el("div", { class: "live-cover" });
  const camera = drawnButton("camera", "Camera off", () => flip("camera"));
  const microphone = drawnButton("microphone", "Microphone off", () => flip("microphone"));
  const tools = el("div", { class: "live-tools", role: "group", "aria-label": "Devices" }, microphone, camera);
  const meter = microphoneMeter();
  const problems = el("div", { class: "stack" });
  const network = el("p", { class: "live-network", role: "status" }, "Checking the network…");
  const pickers = el(
    "div",
    { class: "stack" },
    devicePicker(devices, "camera"),
    devicePicker(devices, "microphone"),
    meter.element,
  );
  const ask = el(
    "button",
    { type: "button", class: "button primary", id: "allow", on: { click: open } },
    "Allow camera and microphone",
  );
  const go = el(
    "button",
    { type: "button", class: "button primary live-go", id: "go-live", on: { click: start } },
    isLive ? "Continue the stream" : "Go live",
  );
  const failure = el("p", { class: "problem", role: "alert" });
  const none = el("p", { class: "muted small" }, "Turn on the camera or the microphone to go live.");

  async function open() {
    ask.disabled = true;
    await devices.open();
    ask.disabled = false;
    update();
    if (!go.disabled) go.focus();
  }

  /** @param {import("./devices.js").Kind} kind */
  async function flip(kind) {
    if (devices.isOn(kind)) devices.turnOff(kind);
    else await devices.turnOn(kind);
  }

  async function start() {
    go.disabled = true;
    go.setAttribute("aria-busy", "true");
    failure.textContent = "";
    try {
      await goLive();
    } catch (error) {
      failure.textContent = /** @type {Error} */ (error).message;
    } finally {
      go.removeAttribute("aria-busy");
      update();
    }
  }

  /** @type {MediaStreamTrack | undefined} */
  let shown;
  /** @type {MediaStreamTrack | undefined} */
  let heard;
  function update() {
    const { tracks, isOpen } = devices;
    if (tracks.camera !== shown) {
      shown = tracks.camera;
      preview.srcObject = shown ? new MediaStream([shown]) : null;
    }
    if (tracks.microphone !== heard) {
      heard = tracks.microphone;
      meter.listen(heard);
    }
    redraw(camera, shown ? "camera" : "cameraOff", shown ? "Camera off" : "Camera on");
    redraw(microphone, heard ? "microphone" : "microphoneOff", heard ? "Microphone off" : "Microphone on");
    for (const [button, track] of /** @type {const} */ ([[camera, shown], [microphone, heard]])) {
      button.classList.toggle("off", !track);
    }
    tools.hidden = !isOpen;
    pickers.hidden = !isOpen;
    covered.hidden = Boolean(shown);
    replace(
      covered,
      isOpen ? el("p", {}, "The camera is off") : [el("p", {}, "Your picture appears here. Nobody sees it yet."), ask],
    );
    go.disabled = !shown && !heard;
    none.hidden = !isOpen || !go.disabled;
    const advice = kinds.map((kind) => ({ kind, advice: devices.advice[kind] })).filter(({ advice }) => advice);
    const isSame = advice.length === 2 && advice.every(({ advice }) => advice?.kind === "denied");
    const notices = (isSame ? advice.slice(0, 1) : advice).map(({ kind, advice }) => {
      const words = isSame ? { ...advice, title: "The camera and the microphone are not allowed" } : advice;
      return adviceNotice(/** @type {any} */ (words), () => (isSame ? open() : devices.turnOn(kind)));
    });
    const text = notices.map(({ textContent }) => textContent).join();
    if (problems.dataset.text === text) return;
    problems.dataset.text = text;
    replace(problems, notices);
  }

  const blocked = obstacle();
  replace(
    element,
    el(
      "div", { class: "live-check" },
      el("div", { class: "live-stage" }, preview, covered, tools),
      el(
        "section", { class: "card stack", "aria-label": "Check before live" },
        el(
          "div",
          {},
          el("h1", {}, isLive ? "You are still live" : "Ready?"),
          el("p", { class: "muted" }, stream.title),
        ),
        blocked ? adviceNotice(blocked) : [problems, pickers],
        network, failure, none, go,
      ),
    ),
  );

  const off = devices.on("changed", update);
  update();
  if (!blocked) {
    if (!devices.isOpen) Devices.areAllowed().then((areAllowed) => areAllowed && !devices.isOpen && open());
    checkNetwork().then(({ level, words }) => {
      network.textContent = words;
      network.dataset.level = level;
    });
  }

  return () => {
    off();
    meter.stop();
    preview.srcObject = null;
  };
}
