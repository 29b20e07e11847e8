// @ts-check
import { el, replace } from "./dom.js";
import { drawnButton, redraw } from "./media-icons.js";

/**
 * The bar under the picture. It shows what the picture says and holds no state of its own.
 * @param {import("./player-picture.js").PlayerPicture} picture
 * @param {(command: import("./player-keys.js").Command) => void} act
 * @param {{canTheatre: boolean}} options
 */
export function playerControls(picture, act, { canTheatre }) {
  const pause = drawnButton("pause", "Pause (k)", () => act("pause"));
  const mute = drawnButton("volume", "Sound off (m)", () => act("mute"));
  const volume = el("input", {
    type: "range", min: 0, max: 1, step: 0.05, class: "player-volume", "aria-label": "Volume",
    on: { input: () => picture.setVolume(Number(volume.value)) },
  });
  const latency = el("button", {
    type: "button", class: "tool player-latency", title: "Back to the live moment (→)", on: { click: () => act("live") }, hidden: true,
  });
  const quality = el("select", { class: "player-quality", "aria-label": "Quality", on: { change: choose } });
  const stats = drawnButton("stats", "What is received (s)", () => act("stats"));
  const pip = drawnButton("pip", "Picture in picture (p)", () => act("pip"));
  const theatre = drawnButton("theatre", "Theatre (t)", () => act("theatre"));
  const help = drawnButton("help", "Keyboard shortcuts (?)", () => act("help"));
  const fullscreen = drawnButton("fullscreen", "Full screen (f)", () => act("fullscreen"));
  pip.hidden = !document.pictureInPictureEnabled;
  theatre.hidden = !canTheatre;
  // In a frame of another site that does not allow it.
  fullscreen.hidden = !document.fullscreenEnabled && !("webkitEnterFullscreen" in picture.video);
  for (const secondary of [stats, theatre, help]) secondary.classList.add("secondary");
  const bar = el(
    "div", { class: "player-controls", role: "group", "aria-label": "Player" },
    pause, mute, volume, latency, el("span", { class: "player-space" }), quality, stats, pip, theatre, help, fullscreen,
  );

  function choose() {
    const choice = picture.choices.find(({ layer }) => layer === quality.value);
    if (choice) picture.setQuality(choice);
  }

  function update() {
    redraw(pause, picture.isPaused ? "play" : "pause", picture.isPaused ? "Play (k)" : "Pause (k)");
    redraw(mute, picture.isMuted ? "muted" : "volume", picture.isMuted ? "Sound on (m)" : "Sound off (m)");
    volume.value = String(picture.isMuted ? 0 : picture.video.volume);
    volume.setAttribute("aria-valuetext", picture.isMuted ? "muted" : `${Math.round(100 * picture.video.volume)} %`);
    const isFull = document.fullscreenElement !== null;
    redraw(fullscreen, isFull ? "window" : "fullscreen", isFull ? "Leave full screen (f)" : "Full screen (f)");
    offer(picture.choices);
  }

  /** @param {import("./quality.js").QualityChoice[]} choices */
  function offer(choices) {
    const names = choices.map(({ name }) => name).join();
    if (quality.dataset.names !== names) {
      quality.dataset.names = names;
      replace(quality, choices.map(({ name, layer }) => el("option", { value: layer }, name)));
    }
    quality.value = choices.some(({ layer }) => layer === picture.quality.layer) ? picture.quality.layer : "AUTO";
    quality.disabled = choices.length < 2;
  }

  /** @param {number | undefined} age milliseconds */
  function showLatency(age) {
    latency.hidden = age === undefined;
    if (age === undefined) return;
    latency.classList.toggle("behind", age > 2000);
    latency.dataset.age = String(Math.round(age));
    const seconds = (age / 1000).toFixed(1);
    latency.textContent = `${seconds} s`;
    latency.setAttribute("aria-label", `${seconds} seconds behind; back to the live moment`);
  }

  picture.on("changed", update);
  document.addEventListener("fullscreenchange", update);
  update();
  return { bar, showLatency, theatre, stats };
}
