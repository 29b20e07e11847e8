// @ts-check
import { el } from "./dom.js";
import { drawnButton, redraw } from "./media-icons.js";
import { adviceFor } from "./media-errors.js";
import { toast } from "./toast.js";

/**
 * The switches over the picture: what viewers see and hear.
 * @param {import("./broadcast.js").Broadcast} broadcast
 */
export function liveTools(broadcast) {
  const microphone = drawnButton("microphone", "Microphone off", () => flip("microphone"));
  const camera = drawnButton("camera", "Camera off", () => flip("camera"));
  const screen = drawnButton("screen", "Share the screen", share);
  // Phones have no screen to share.
  screen.hidden = !navigator.mediaDevices?.getDisplayMedia;
  const element = el(
    "div",
    { class: "live-tools", role: "group", "aria-label": "What is sent" },
    microphone,
    camera,
    screen,
  );

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

  function update() {
    const [isHeard, isSeen, isSharing] = [
      broadcast.isSent("microphone"), broadcast.isSent("camera"), broadcast.screen.isOn,
    ];
    redraw(microphone, isHeard ? "microphone" : "microphoneOff", isHeard ? "Microphone off" : "Microphone on");
    redraw(camera, isSeen ? "camera" : "cameraOff", isSeen ? "Camera off" : "Camera on");
    redraw(screen, "screen", isSharing ? "Stop sharing the screen" : "Share the screen");
    microphone.classList.toggle("off", !isHeard);
    camera.classList.toggle("off", !isSeen);
    screen.classList.toggle("on", isSharing);
  }

  const stop = broadcast.on("changed", update);
  update();
  return { element, stop };
}
