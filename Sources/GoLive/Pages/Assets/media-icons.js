// @ts-check
import { el, replace, svg } from "./dom.js";

/** The drawings of the player, the chat and the go-live page, strokes on a 24 by 24 field; the rest is in icons.js. */
const shapes = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M8 5v14M16 5v14",
  volume: "M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  muted: "M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM16 9.5l5 5M21 9.5l-5 5",
  fullscreen: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  window: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
  pip: "M3 5h18v14H3zM12 12h6v4h-6z",
  theatre: "M2.5 6h19v9.5h-19zM6 19h12",
  stats: "M5 20v-7M12 20V4M19 20v-10",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.4 2.3c-.7.3-.9.8-.9 1.7M12 16.6v.1",
  chat: "M4 5h16v11h-8l-5 4v-4H4z",
  send: "M4 12 20 5l-6 15-3-7zM11 13l4-4",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  camera: "M3 6.5h12v11H3zM15 11l6-3.5v9L15 13",
  cameraOff: "M8 6.5h7v7M15 11l6-3.5v9L15 13M14 17.5H3v-11M3 3l18 18",
  microphone: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  microphoneOff: "M9 6a3 3 0 0 1 6 0v5M9 9v2a3 3 0 0 0 4.6 2.5M5.5 11a6.5 6.5 0 0 0 10.4 5.2M18.5 11a6 6 0 0 1-.5 2.4M12 17.5V21M3 3l18 18",
  screen: "M3 4.5h18v12H3zM9 20.5h6M12 13.5v-6M9.5 9.5 12 7l2.5 2.5",
  heart: "M12 20S4 15.3 4 9.8A4.3 4.3 0 0 1 12 7.6a4.3 4.3 0 0 1 8 2.2C20 15.3 12 20 12 20",
  warning: "M12 4l9 16H3zM12 10v5M12 17.5v.01",
  offline: "M3 3l18 18M8.5 16.5a5 5 0 0 1 5-1.4M5 12.8A10 10 0 0 1 9 10.5M19 12.8a10 10 0 0 0-6-2.7M12 19.5v.01",
};

/** @typedef {keyof typeof shapes} Drawing */

/** @param {Drawing} name */
export function drawing(name) {
  return svg(
    "svg",
    {
      viewBox: "0 0 24 24", width: "1.25em", height: "1.25em", fill: "none", stroke: "currentColor", "stroke-width": 2,
      "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false", class: "icon",
    },
    svg("path", { d: shapes[name] }),
  );
}

/**
 * A button that is a drawing with a name.
 * @param {Drawing} name
 * @param {string} label
 * @param {() => void} click
 */
export function drawnButton(name, label, click) {
  const button = el("button", { type: "button", class: "tool", on: { click } });
  redraw(button, name, label);
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {Drawing} name
 * @param {string} label
 */
export function redraw(button, name, label) {
  if (button.title !== label) {
    button.title = label;
    button.setAttribute("aria-label", label);
  }
  if (button.dataset.drawing === name) return;
  button.dataset.drawing = name;
  replace(button, drawing(name));
}
