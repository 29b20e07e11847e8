// @ts-check
import { Emitter } from "./events.js";
import { keep, kept } from "./kept.js";
import { adviceFor, adviceForLoss } from "./media-errors.js";

/** @typedef {"camera" | "microphone"} Kind */

/** @type {Kind[]} */
export const kinds = ["camera", "microphone"];

/**
 * The camera and the microphone: which ones there are, which are chosen, whether they are on. What is off is not
 * captured at all.
 *
 * Events: `changed`, when anything is different · `track` `{kind, track, hadTrack}`, when a device is turned on (`hadTrack`
 * is false), off (no track), or another one takes its place.
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
  /**
   * Those that `wake` turns on.
   * @type {Kind[]}
   */
  #resting = [];

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

  /**
   * Asks for both at once; where one is missing, the other is taken alone.
   * @param {Kind[]} [wanted]
   */
  async open(wanted = kinds) {
    if (wanted.length < kinds.length) await Promise.all(wanted.map((kind) => this.turnOn(kind)));
    else await this.#openBoth();
    this.isOpen = true;
    await this.#list();
  }

  async #openBoth() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: constraintsOf("camera", kept("camera")), audio: constraintsOf("microphone", kept("microphone")),
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
      this.#take(kind, await captureKnown(kind));
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
   * Another device from now on. One that is off stays off; where the new one does not start, the old one goes on.
   * @param {Kind} kind
   * @param {string} id of the device
   */
  async choose(kind, id) {
    const old = this.tracks[kind];
    const oldID = this.chosen(kind);
    keep(kind, id);
    if (!old && !this.advice[kind]) return this.emit("changed");
    // Some systems open a camera once only: the old one goes first.
    old?.stop();
    try {
      this.#take(kind, await capture(kind, id));
    } catch (error) {
      keep(kind, oldID || undefined);
      if (old) await this.turnOn(kind);
      this.advice[kind] = adviceFor(error, kind);
      this.emit("changed");
    }
  }

  /** Gives the devices back, for another page or program to use. */
  rest() {
    this.#resting = kinds.filter((kind) => this.isOn(kind));
    for (const kind of this.#resting) this.turnOff(kind);
  }

  /** Takes those again that `rest` gave back. */
  async wake() {
    for (const kind of this.#resting.splice(0)) await this.turnOn(kind);
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
        this.advice[kind] = adviceForLoss(kind);
        this.#take(kind, undefined);
      });
    }
    this.emit("track", { kind, track, hadTrack: old !== undefined });
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

/**
 * The device that was chosen last; when that is gone, another.
 * @param {Kind} kind
 */
async function captureKnown(kind) {
  const id = kept(kind);
  try {
    return await capture(kind, id);
  } catch (error) {
    if (!id || !["OverconstrainedError", "NotFoundError"].includes(/** @type {Error} */ (error).name)) throw error;
    return capture(kind);
  }
}

/**
 * @param {Kind} kind
 * @param {string} [id] of the device; any, when not given
 */
async function capture(kind, id) {
  const constraints = constraintsOf(kind, id);
  const stream = await navigator.mediaDevices.getUserMedia(
    kind === "camera" ? { video: constraints } : { audio: constraints },
  );
  return stream.getTracks()[0];
}

/**
 * @param {Kind} kind
 * @param {string} [id] exactly this device: browsers have been seen to pass over a mere wish
 * @returns {MediaTrackConstraints}
 */
function constraintsOf(kind, id) {
  const device = id ? { deviceId: { exact: id } } : {};
  if (kind === "microphone") return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...device,
  };
  return { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...device };
}
