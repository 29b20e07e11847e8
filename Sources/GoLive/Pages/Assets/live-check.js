// @ts-check
import { deviceAdvice } from "./live-advice.js";
import { adviceNotice, devicePicker } from "./device-picker.js";
import { Devices, kinds } from "./devices.js";
import { el, replace } from "./dom.js";
import { editStream } from "./live-setup.js";
import { drawing, drawnButton, redraw } from "./media-icons.js";
import { obstacle } from "./media-errors.js";
import { microphoneMeter } from "./microphone-meter.js";
import { networkSign } from "./network-check.js";

/**
 * The check before live: what viewers will see and hear, and whether it gets through.
 * @param {HTMLElement} element
 * @param {{devices: Devices, stream: any, isLive: boolean, goLive: () => Promise<void>}} options `isLive`: the stream goes
 *   on from here
 * @returns {() => void} takes the check away
 */
export function showCheck(element, { devices, stream, isLive, goLive }) {
  const blocked = obstacle();
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
  const advice = deviceAdvice(devices);
  const lists = [devicePicker(devices, "camera"), devicePicker(devices, "microphone")];
  const pickers = el("div", { class: "stack" }, lists.map((list) => list.element), meter.element);
  const network = blocked ? undefined : networkSign();
  const allow = el(
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
  const none = el("p", { class: "muted small" });
  const title = el("p", { class: "live-check-title" }, stream.title);
  const edit = el("button", { type: "button", class: "button small", on: { click: change } }, "Edit");

  async function open() {
    const hadFocus = document.activeElement === allow;
    allow.disabled = true;
    await devices.open();
    allow.disabled = false;
    update();
    if (hadFocus && !go.disabled) go.focus();
  }

  function change() {
    editStream(stream, (changed) => {
      Object.assign(stream, changed);
      title.textContent = stream.title;
    });
  }

  /** @param {import("./devices.js").Kind} kind */
  async function flip(kind) {
    if (devices.isOn(kind)) devices.turnOff(kind);
    else await devices.turnOn(kind);
  }

  async function start() {
    // Not disabled: that would take the focus from it.
    if (go.getAttribute("aria-busy") === "true") return;
    go.setAttribute("aria-busy", "true");
    failure.textContent = "";
    network?.stop();
    try {
      await goLive();
    } catch (error) {
      network?.goOn();
      failure.textContent = /** @type {Error} */ (error).message;
    } finally {
      go.removeAttribute("aria-busy");
      update();
    }
  }

  /** @type {MediaStreamTrack | undefined} */
  let shown;
  function update() {
    const { tracks, isOpen } = devices;
    if (tracks.camera !== shown) {
      shown = tracks.camera;
      preview.srcObject = shown ? new MediaStream([shown]) : null;
    }
    meter.listen(tracks.microphone);
    for (const [kind, button] of /** @type {const} */ ([["camera", camera], ["microphone", microphone]])) {
      const name = kind === "camera" ? "Camera" : "Microphone";
      const isOn = devices.isOn(kind);
      redraw(button, isOn ? kind : `${kind}Off`, `${name} ${isOn ? "off" : "on"}`);
      button.classList.toggle("off", !isOn);
    }
    tools.hidden = !isOpen;
    pickers.hidden = !isOpen || kinds.every((kind) => devices.advice[kind]?.kind === "denied");
    covered.hidden = Boolean(shown);
    go.disabled = !tracks.camera && !tracks.microphone;
    none.hidden = !go.disabled || Boolean(blocked);
    none.textContent = isOpen
      ? "Turn on the camera or the microphone to go live."
      : "Nobody sees or hears you before you press the button.";
    if (covered.dataset.isOpen === String(isOpen)) return;
    covered.dataset.isOpen = String(isOpen);
    replace(covered, coverOf(isOpen));
  }

  /** @param {boolean} isOpen */
  function coverOf(isOpen) {
    if (blocked) return [drawing("warning"), el("p", {}, blocked.title)];
    if (isOpen) return [drawing("cameraOff"), el("p", {}, "The camera is off")];
    return [drawing("camera"), el("p", {}, "Your picture appears here. Nobody sees it yet."), allow];
  }

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
          el("h1", {}, isLive ? "You are still live" : blocked ? "Not yet" : "Ready?"),
          isLive && el("p", { class: "muted" }, "The stream goes on from here when you want it to."),
        ),
        el("div", { class: "row spread live-check-stream" }, title, edit),
        blocked ? adviceNotice(blocked) : [advice.element, pickers],
        network?.element, none, failure, go,
      ),
    ),
  );

  const off = devices.on("changed", update);
  update();
  if (!blocked && !devices.isOpen) {
    Devices.areAllowed().then((areAllowed) => areAllowed && !devices.isOpen && open());
  }

  return () => {
    off();
    network?.stop();
    advice.stop();
    lists.forEach((list) => list.stop());
    meter.stop();
    preview.srcObject = null;
  };
}
