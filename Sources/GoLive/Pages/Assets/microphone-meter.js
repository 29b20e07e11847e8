// @ts-check
import { el } from "./dom.js";

/** Decibels below full scale that the meter begins at. */
const floor = -60;
/** Milliseconds between two readings: often enough to look alive. */
const interval = 80;

/** How loud the microphone is, from silence to too loud. */
export function microphoneMeter() {
  const meter = el(
    "meter",
    { class: "mic-meter", min: 0, max: 1, low: 0.15, high: 0.92, optimum: 0.5, "aria-label": "Microphone level" },
  );
  const words = el("span", { class: "muted small" });
  const element = el("div", { class: "mic-level", hidden: true }, meter, words);
  /** @type {AudioContext | undefined} */
  let context;
  /** @type {any} */
  let timer;
  let heard = 0;

  function stop() {
    clearInterval(timer);
    context?.close();
    context = undefined;
    meter.value = 0;
    heard = 0;
  }

  /** @param {MediaStreamTrack | undefined} track */
  function listen(track) {
    stop();
    element.hidden = !track;
    if (!track) return;
    words.textContent = "Say something…";
    context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    timer = setInterval(() => {
      if (context?.state === "suspended") context.resume();
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const level = Math.max(0, Math.min(1, 1 - (10 * Math.log10(power + 1e-9)) / floor));
      // Falls slower than it rises, so that an eye can follow.
      meter.value = Math.max(level, meter.value * 0.85);
      if (level > 0.25) heard += 1;
      if (heard === 3) words.textContent = "You are heard.";
    }, interval);
  }

  return { element, listen, stop };
}
