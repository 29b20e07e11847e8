// @ts-check
/** What stands between a person and their camera, and what to do about it in the browser they have. */

/**
 * @typedef {object} Advice
 * @property {"denied" | "missing" | "busy" | "lost" | "insecure" | "unsupported" | "other"} kind
 * @property {string} title
 * @property {string} text what to do
 */

/** @typedef {"chromium" | "firefox" | "safari"} Browser */

/** @param {string} [agent] */
export function browserOf(agent = navigator.userAgent) {
  if (/firefox|fxios/i.test(agent)) return "firefox";
  return /chrom(e|ium)|crios|edg/i.test(agent) ? "chromium" : "safari";
}

/**
 * A device that worked until now.
 * @param {"camera" | "microphone"} device
 * @returns {Advice}
 */
export function adviceForLoss(device) {
  return {
    kind: "lost", title: `The ${device} was disconnected`,
    text: "It was unplugged, or the browser took it away. Plug it in again or choose another one, then try again.",
  };
}

/** @type {Record<Browser, string>} */
const whereToAllow = {
  chromium: "Click the symbol to the left of the address, allow the camera and the microphone, then try again.",
  firefox: "Click the crossed-out camera or microphone in the address bar, remove the block, then try again.",
  safari: "Open Safari’s settings for this website (the “aA” or the Safari menu), allow the camera and the microphone, then try again.",
};

/**
 * What can be said before anything is asked for.
 * @returns {Advice | undefined} nothing: go on
 */
export function obstacle() {
  if (!("RTCPeerConnection" in globalThis)) {
    return {
      kind: "unsupported", title: "This browser cannot send live pictures",
      text: "It has no WebRTC. Use a current Firefox, Chrome, Edge or Safari; in a private or hardened browser, WebRTC may be turned off.",
    };
  }
  if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
    return {
      kind: "insecure", title: "This page is not secure",
      text: `Browsers give the camera only to pages over HTTPS, or on the same computer. Open https://${location.host}${location.pathname}, or ask whoever runs this server for its HTTPS address.`,
    };
  }
  return undefined;
}

/**
 * @param {any} error of getUserMedia
 * @param {"camera" | "microphone" | "screen"} device
 * @param {Browser} [browser]
 * @returns {Advice}
 */
export function adviceFor(error, device, browser = browserOf()) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      if (device === "screen") return {
        kind: "denied",
        title: "The screen was not shared",
        text: "Choose a screen or a window to share it.",
      };
      if (/system/i.test(error.message)) {
        return {
          kind: "denied", title: `The system does not give the ${device} to this browser`,
          text: "Allow it in the privacy settings of your computer or phone, then try again.",
        };
      }
      return { kind: "denied", title: `The ${device} is not allowed`, text: whereToAllow[browser] };
    case "NotFoundError":
    case "OverconstrainedError":
      return {
        kind: "missing",
        title: `No ${device} was found`,
        text: `Plug one in, or go on without it. A ${device} that was just plugged in needs a moment.`,
      };
    case "NotReadableError":
    case "AbortError":
      return {
        kind: "busy", title: `The ${device} is in use`,
        text: `Another program or tab has it. Close that${browser === "firefox" ? ", or choose another device" : ""}, then try again.`,
      };
    default:
      return { kind: "other", title: `The ${device} did not start`, text: error?.message || "Try again." };
  }
}
