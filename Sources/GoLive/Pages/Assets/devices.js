// @ts-check
import { Emitter } from "./events.js";
import { keep, kept } from "./kept.js";
import { adviceFor } from "./media-errors.js";

/** @typedef {"camera" | "microphone"} Kind */

/** @type {Kind[]} */
export const kinds = ["camera", "microphone"];

/**
 * The camera and the microphone: which ones there are, which are chosen, whether they are on. What is off is not
 * captured at all.
 *
 * Events: `changed`, when anything is different · `track` `{kind, track}`, when another track takes a device's place.
 */
export class Devices extends Emitter {
  /** @type {Record<Kind, MediaStreamTrack | undefined>} */
  tracks = { camera: undefined, microphone: undefined };
  /**
   * What is wrong with each.
   * @type {Record<Kind, import("./media-errors.js").Advice | undefined>}
   */
  advice = { camera: undefined, microphone: undefined };
  /** @type {Record<Kind, MediaDeviceInfo[]>} */
  choices = { camera: [], microphone: [] };
  isOpen = false;

  constructor() {
    super();
    this.onDeviceChange = () => this.#list();
    navigator.mediaDevices?.addEventListener("devicechange", this.onDeviceChange);
  }

  /** Whether both may be used without a question. */
  static async areAllowed() {
    try {
      const states = await Promise.all(
        kinds.map((name) => navigator.permissions.query({ name: /** @type {any} */ (name) })),
      );
      return states.every(({ state }) => state === "granted");
    } catch {
      return false;
    }
  }

  /** Asks for both at once; where one is missing, the other is taken alone. */
  async open() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: constraintsOf("camera"), audio: constraintsOf("microphone"),
      });
      this.#take("camera", stream.getVideoTracks()[0]);
      this.#take("microphone", stream.getAudioTracks()[0]);
    } catch (error) {
      const isRefused = /** @type {Error} */ (error).name === "NotAllowedError";
      // After a no, nobody is asked twice more.
      for (const kind of kinds) {
        if (isRefused) this.advice[kind] = adviceFor(error, kind);
        else await this.turnOn(kind);
      }
    }
    this.isOpen = true;
    await this.#list();
  }

  /** @param {Kind} kind */
  isOn(kind) {
    return this.tracks[kind] !== undefined;
  }

  /**
   * @param {Kind} kind
   * @returns {Promise<MediaStreamTrack | undefined>}
   */
  async turnOn(kind) {
    try {
      this.#take(kind, await capture(kind));
    } catch (error) {
      this.advice[kind] = adviceFor(error, kind);
      this.#take(kind, undefined);
    }
    return this.tracks[kind];
  }

  /** @param {Kind} kind */
  turnOff(kind) {
    this.advice[kind] = undefined;
    this.#take(kind, undefined);
  }

  /**
   * @param {Kind} kind
   * @param {string} id of the device
   */
  async choose(kind, id) {
    keep(kind, id);
    // Some systems open a camera once only: the old one goes first.
    if (this.isOn(kind)) this.tracks[kind]?.stop();
    await this.turnOn(kind);
  }

  /**
   * The id of the device in use.
   * @param {Kind} kind
   */
  chosen(kind) {
    return this.tracks[kind]?.getSettings().deviceId ?? kept(kind) ?? "";
  }

  close() {
    navigator.mediaDevices?.removeEventListener("devicechange", this.onDeviceChange);
    for (const kind of kinds) this.#take(kind, undefined);
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack | undefined} track
   */
  #take(kind, track) {
    const old = this.tracks[kind];
    if (old !== track) old?.stop();
    this.tracks[kind] = track;
    if (track) {
      this.advice[kind] = undefined;
      track.addEventListener("ended", () => {
        if (this.tracks[kind] !== track) return;
        this.advice[kind] = adviceFor({ name: "NotFoundError" }, kind);
        this.#take(kind, undefined);
      });
    }
    this.emit("track", { kind, track });
    this.emit("changed");
  }

  async #list() {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    // Before permission is given, devices have no id.
    const named = all.filter(({ deviceId }) => deviceId);
    this.choices = {
      camera: named.filter(({ kind }) => kind === "videoinput"),
      microphone: named.filter(({ kind }) => kind === "audioinput"),
    };
    this.emit("changed");
  }
}

/** @param {Kind} kind */
async function capture(kind) {
  const stream = await navigator.mediaDevices.getUserMedia(
    kind === "camera" ? { video: constraintsOf(kind) } : { audio: constraintsOf(kind) },
  );
  return stream.getTracks()[0];
}

/**
 * @param {Kind} kind
 * @returns {MediaTrackConstraints}
 */
function constraintsOf(kind) {
  const id = kept(kind);
  // “ideal”: a device that is gone is replaced by another, not by an error.
  const device = id ? { deviceId: { ideal: id } } : {};
  if (kind === "microphone") return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...device,
  };
  return { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...device };
}
