// @ts-check
import { el } from "./dom.js";

/** Decibels below full scale that the meter begins at. */
const floor = -60;
/** Milliseconds between two readings: often enough to look alive. */
const interval = 80;
/** The level from which on somebody is heard, and how many readings of it make it sure. */
const voice = 0.25;
const sure = 3;
/** Readings without a voice, ten seconds, after which that is said. */
const patience = 10_000 / interval;
/** Readings that the browser may take to start listening: without a loudspeaker, Firefox never does. */
const start = 40;

/** How loud the microphone is, from silence to too loud. */
export function microphoneMeter() {
  const meter = el(
    "meter",
    { class: "mic-meter", min: 0, max: 1, low: 0.15, high: 0.92, optimum: 0.5, "aria-label": "Microphone level" },
  );
  const words = el("span", { class: "muted small" });
  const element = el("div", { class: "mic-level" }, meter, words);
  /** @type {MediaStreamTrack | undefined} */
  let heard;
  /** @type {AudioContext | undefined} */
  let context;
  /** @type {any} */
  let timer;

  function stop() {
    clearInterval(timer);
    context?.close();
    context = undefined;
    heard = undefined;
    meter.value = 0;
    meter.hidden = false;
  }

  /** @param {MediaStreamTrack | undefined} track nothing: the microphone is off */
  function listen(track) {
    if (track && track === heard) return;
    stop();
    heard = track;
    words.textContent = track ? "Say something…" : "The microphone is off.";
    if (track) measure(track);
  }

  /** @param {MediaStreamTrack} track */
  function measure(track) {
    context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let voices = 0;
    let silences = 0;
    let waits = 0;
    timer = setInterval(() => {
      if (context?.state !== "running") {
        context?.resume().catch(() => {});
        waits += 1;
        if (waits === start) words.textContent = "This browser does not show the level here; you are heard all the same.";
        meter.hidden = waits >= start;
        return;
      }
      meter.hidden = false;
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const level = Math.max(0, Math.min(1, 1 - (10 * Math.log10(power + 1e-9)) / floor));
      // Falls slower than it rises, so that an eye can follow.
      meter.value = Math.max(level, meter.value * 0.85);
      voices = level > voice ? voices + 1 : 0;
      silences = level > voice ? 0 : silences + 1;
      if (voices === sure) words.textContent = "You are heard.";
      if (silences === patience) words.textContent = "Nothing is heard. Is this the right microphone?";
    }, interval);
  }

  return { element, listen, stop };
}
