// @ts-check
import { api } from "./api.js";
import { shareClock } from "./capture-clock.js";
import { kinds } from "./devices.js";
import { Emitter } from "./events.js";
import { GoLiveRoom } from "./golive-client.js";

/** Kilobits a second that the encoder begins with, so that the first viewers see a sharp picture. */
const startBitrate = 2000;
/** Failed attempts to come back after which it is said. */
const patience = 3;

/**
 * - `idle` · `starting` · `live` · `reconnecting`: it comes back by itself · `lost`: it could not; `resume` tries again
 * - `elsewhere`: another page went on from here · `ended`
 * @typedef {"idle" | "starting" | "live" | "reconnecting" | "lost" | "elsewhere" | "ended"} BroadcastState
 */

const sources = { camera: "CAMERA", microphone: "MICROPHONE" };

/**
 * A creator's side of one stream: going live, what is published, coming back, ending.
 *
 * Events: `state` BroadcastState · `trying` `{attempt, isHard}` while reconnecting · `changed`, when what is published is.
 */
export class Broadcast extends Emitter {
  room = new GoLiveRoom({ startBitrate });
  /** @type {BroadcastState} */
  state = "idle";
  /** @type {any} */
  stream = undefined;
  /** @type {Record<import("./devices.js").Kind, import("./golive-client.js").LocalTrack | undefined>} */
  published = { camera: undefined, microphone: undefined };
  /** @type {import("./golive-client.js").LocalTrack[]} */
  screen = [];

  /** @param {import("./devices.js").Devices} devices */
  constructor(devices) {
    super();
    this.devices = devices;
    const { room } = this;
    shareClock(room);
    room.on("reconnecting", ({ attempt }) => {
      this.#become("reconnecting");
      this.emit("trying", { attempt, isHard: attempt > patience });
    });
    room.on("reconnected", () => this.#become("live"));
    room.on("disconnected", (reason) => this.#disconnected(reason));
    room.on("localTrackMuted", () => this.emit("changed"));
    room.on("localTrackUnpublished", (local) => this.#forget(local));
    devices.on("track", ({ kind, track }) => this.#replace(kind, track));
  }

  get isOn() {
    return ["starting", "live", "reconnecting", "lost"].includes(this.state);
  }

  /**
   * @param {{takeOver?: boolean}} [options] whether to go on from a page that is live already
   * @throws {import("./api.js").ApiError} `already_live`, `stream_not_found`, `creator_not_approved`
   */
  async start({ takeOver = false } = {}) {
    this.#become("starting");
    try {
      const { token, wsUrl, stream } = await api.post("/api/stream/go-live", { takeOver });
      this.stream = stream;
      await this.room.connect(wsUrl || location.origin, token);
      await Promise.all([...kinds.map((kind) => this.#publish(kind)), this.#publishScreen()]);
      this.#become("live");
    } catch (error) {
      if (this.room.state !== "disconnected") this.room.disconnect();
      this.#become("idle");
      throw error;
    }
  }

  /** After `lost` or `elsewhere`; while `reconnecting`, at once. */
  async resume() {
    if (this.room.state === "reconnecting") this.room.retry();
    else await this.start({ takeOver: true }).catch(() => this.#become("lost"));
  }

  /** Ends it for everyone. */
  async end() {
    await api.post("/api/stream/end-stream");
    this.#become("ended");
    this.room.disconnect();
    this.#stopScreen();
  }

  /**
   * Whether viewers see or hear it.
   * @param {import("./devices.js").Kind} kind
   */
  isSent(kind) {
    const local = this.published[kind];
    return Boolean(local) && !local?.isMuted;
  }

  /**
   * Off is off at once, and quick to be on again; a device that was off before is started first.
   * @param {import("./devices.js").Kind} kind
   */
  async toggle(kind) {
    const local = this.published[kind];
    if (local) this.room.setMuted(local, !local.isMuted);
    else if (!this.devices.isOn(kind)) await this.devices.turnOn(kind);
    else await this.#publish(kind);
    this.emit("changed");
  }

  get isSharing() {
    return this.screen.length > 0;
  }

  async toggleScreen() {
    if (this.isSharing) {
      for (const local of this.#stopScreen()) await this.room.unpublish(local);
      return;
    }
    this.screen = await this.room.publishScreen();
    for (const { track } of this.screen) track.addEventListener("ended", () => this.#stopScreen());
    this.emit("changed");
  }

  #stopScreen() {
    const locals = this.screen;
    this.screen = [];
    for (const { track } of locals) track.stop();
    this.emit("changed");
    return locals;
  }

  /** @param {import("./devices.js").Kind} kind */
  async #publish(kind) {
    const track = this.devices.tracks[kind];
    if (!track) return;
    const hint = kind === "camera" ? { contentHint: "motion" } : {};
    this.published[kind] = await this.room.publishTrack(track, { source: sources[kind], ...hint });
    this.emit("changed");
  }

  /** What was shared before the connection was lost. */
  async #publishScreen() {
    const tracks = this.screen.map(({ track, options }) => ({ track, options }));
    this.screen = [];
    for (const { track, options } of tracks) {
      if (track.readyState === "live") this.screen.push(await this.room.publishTrack(track, options));
    }
  }

  /**
   * @param {import("./devices.js").Kind} kind
   * @param {MediaStreamTrack | undefined} track
   */
  async #replace(kind, track) {
    const local = this.published[kind];
    if (this.room.state !== "connected") return;
    if (local && track) await this.room.replaceTrack(local, track).catch(() => {});
    else if (track) await this.#publish(kind).catch(() => {});
    else if (local) {
      this.published[kind] = undefined;
      await this.room.unpublish(local).catch(() => {});
    }
    this.emit("changed");
  }

  /** @param {import("./golive-client.js").LocalTrack} local */
  #forget(local) {
    for (const kind of kinds) if (this.published[kind] === local) this.published[kind] = undefined;
    if (this.screen.includes(local)) this.#stopScreen();
    this.emit("changed");
  }

  /** @param {string} reason */
  async #disconnected(reason) {
    this.published = { camera: undefined, microphone: undefined };
    if (this.state === "ended" || this.state === "idle" || reason === "CLIENT_INITIATED") return;
    if (reason === "DUPLICATE_IDENTITY") return this.#become("elsewhere");
    // A token may have run out, or the stream may have been ended while nothing was heard: the server knows.
    const status = await api.get("/api/stream/status").catch(() => undefined);
    if (status && !status.isLive) return this.#become("ended");
    if (status && this.state !== "lost") return this.resume();
    this.#become("lost");
  }

  /** @param {BroadcastState} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit("state", state);
  }
}
