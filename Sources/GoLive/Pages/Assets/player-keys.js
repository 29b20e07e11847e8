// @ts-check

/** The keys of the player, as the help shows them. */
export const keys = /** @type {const} */ ([
  ["m", "Sound on or off"],
  ["↑ ↓", "Louder, quieter"],
  ["k or space", "Pause, and go on live"],
  ["→", "Back to the live moment"],
  ["f", "Full screen"],
  ["t", "Theatre"],
  ["p", "Picture in picture"],
  ["s", "What is received"],
  ["?", "This help"],
]);

/** @typedef {"mute" | "louder" | "quieter" | "pause" | "live" | "fullscreen" | "theatre" | "pip" | "stats" | "help"} Command */

/** @type {Record<string, Command>} */
const commands = {
  m: "mute", ArrowUp: "louder", ArrowDown: "quieter", k: "pause", " ": "pause", ArrowRight: "live", f: "fullscreen",
  t: "theatre", p: "pip", s: "stats", "?": "help",
};

/**
 * Listens on the whole page, but never while somebody types, chooses from a list, or is in a dialog, and leaves keys with
 * Ctrl, Alt or Meta to the browser. Space and arrows also belong to whatever control has the focus.
 * @param {(command: Command) => void} act
 * @returns {() => void} stops it
 */
export function listenToKeys(act) {
  /** @param {KeyboardEvent} event */
  const listener = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const command = commands[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const focus = event.target instanceof Element ? event.target : document.body;
    if (
      !command || focus.closest("input:not([type=range]), textarea, select, [contenteditable], dialog, [role=menu]")
    ) return;
    if (!isFree(event.key, focus)) return;
    event.preventDefault();
    if (event.repeat && command !== "louder" && command !== "quieter") return;
    act(command);
  };
  document.addEventListener("keydown", listener);
  return () => document.removeEventListener("keydown", listener);
}

/**
 * Space presses buttons, arrows move sliders and scroll: those stay theirs.
 * @param {string} key
 * @param {Element} focus
 */
function isFree(key, focus) {
  const isArrow = key.startsWith("Arrow");
  if (key !== " " && !isArrow) return true;
  if (focus.closest(isArrow ? "input" : "button, a, summary")) return false;
  if (focus.closest(".player-frame")) return true;
  if (focus.closest("button, a, summary, [tabindex]")) return false;
  return key === "ArrowRight" || key === " " || !isScrollable();
}

function isScrollable() {
  const root = document.scrollingElement ?? document.documentElement;
  return root.scrollHeight > root.clientHeight + 1;
}
