// @ts-check
import { api } from "./api.js";
import { shareClock } from "./capture-clock.js";
import { kinds } from "./devices.js";
import { Emitter, GoLiveError, withDeadline } from "./events.js";
import { GoLiveRoom } from "./golive-client.js";
import { ScreenShare } from "./screen-share.js";

/** Kilobits a second that the encoder begins with, so that the first viewers see a sharp picture. */
const startBitrate = 2000;
/** Failed attempts to come back after which it is said. */
const patience = 3;
/** Milliseconds until a way for media that does not open counts as closed. */
const mediaDeadline = 10_000;

/**
 * - `idle` · `starting` · `live` · `reconnecting`: it comes back by itself · `lost`: it could not; `resume` tries again
 * - `elsewhere`: another page went on from here · `ended`
 * @typedef {"idle" | "starting" | "live" | "reconnecting" | "lost" | "elsewhere" | "ended"} BroadcastState
 */

/** @typedef {import("./devices.js").Kind} Kind */
/** @typedef {import("./golive-client.js").LocalTrack} LocalTrack */

const sources = { camera: "CAMERA", microphone: "MICROPHONE" };

/**
 * A creator's side of one stream: going live, what is published, coming back, ending. A camera that is off is not
 * captured; a microphone that is off stays ready, silent, so that it is quick to be on again. Either stays published,
 * muted: a stream without media would end.
 *
 * Events: `state` BroadcastState · `trying` `{attempt, isHard}` while reconnecting · `changed`, when what is published is.
 */
export class Broadcast extends Emitter {
  room = new GoLiveRoom({ startBitrate });
  screen = new ScreenShare(this.room);
  /** @type {BroadcastState} */
  state = "idle";
  /** Whether this page ended the stream, rather than somebody or something else. */
  wasEndedHere = false;
  /** @type {any} */
  stream = undefined;
  /** @type {Record<Kind, LocalTrack | undefined>} */
  published = { camera: undefined, microphone: undefined };
  /** Wished for by the creator, whatever becomes of connections. */
  #isSilent = false;

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
    room.on("mediaInterrupted", (way) => way === "PUBLISHER" && this.state === "live" && this.#become("reconnecting"));
    room.on("mediaConnected", (way) => way === "PUBLISHER" && this.state === "reconnecting" && this.#become("live"));
    room.on("reconnected", () => this.#publishAll().catch(() => {}));
    room.on("disconnected", (reason) => this.#disconnected(reason));
    room.on("localTrackMuted", () => this.emit("changed"));
    room.on("localTrackUnpublished", (local) => this.#forget(local));
    this.screen.on("changed", () => this.emit("changed"));
    devices.on("track", (change) => this.#follow(change));
    // The system knows first that the network is back.
    addEventListener("online", () => room.retry());
  }

  /** Whether leaving the page would take something away from viewers. */
  get isOn() {
    return ["starting", "live", "reconnecting", "lost"].includes(this.state);
  }

  /**
   * Resolves when media gets through.
   * @param {{takeOver?: boolean}} [options] whether to go on from a page that is live already
   * @throws {import("./api.js").ApiError} `already_live`, `stream_not_found`, `creator_not_approved`
   * @throws {GoLiveError} `no_media`
   */
  async start({ takeOver = false } = {}) {
    this.#become("starting");
    try {
      const { token, wsUrl, stream } = await api.post("/api/stream/go-live", { takeOver });
      this.stream = stream;
      const opened = this.#mediaOpened();
      // When something else fails first, that is what is said.
      opened.catch(() => {});
      await this.room.connect(wsUrl || location.origin, token);
      await this.#publishAll();
      await this.screen.publishAgain();
      await opened;
      this.#become("live");
    } catch (error) {
      if (this.room.state !== "disconnected") this.room.disconnect();
      this.#become("idle");
      if (!takeOver && this.#isNoMedia(error)) await api.post("/api/stream/end-stream").catch(() => {});
      throw error;
    }
  }

  /** After `lost` or `elsewhere`; while `reconnecting`, at once. */
  async resume() {
    if (this.room.state === "reconnecting") return this.room.retry();
    if (this.state === "elsewhere") await this.devices.wake();
    await this.start({ takeOver: true }).catch(() => this.#become("lost"));
  }

  /** Ends it for everyone. */
  async end() {
    await api.post("/api/stream/end-stream");
    this.wasEndedHere = true;
    this.#become("ended");
    this.room.disconnect();
    this.screen.stop();
  }

  /**
   * Whether viewers see or hear it.
   * @param {Kind} kind
   */
  isSent(kind) {
    const local = this.published[kind];
    return Boolean(local) && !local?.isMuted;
  }

  /** Whether there is anything to see or to hear for viewers. */
  get isSending() {
    return this.screen.isOn || kinds.some((kind) => this.isSent(kind));
  }

  /**
   * Off is off at once.
   * @param {Kind} kind
   */
  async toggle(kind) {
    const local = this.published[kind];
    const isOff = this.isSent(kind);
    if (kind === "microphone") this.#isSilent = isOff;
    if (isOff && local) this.room.setMuted(local, true);
    if (isOff && kind === "camera") this.devices.turnOff(kind);
    if (!isOff && !this.devices.isOn(kind)) await this.devices.turnOn(kind);
    else if (!isOff && local) this.room.setMuted(local, false);
    else if (!isOff) await this.#publish(kind);
    this.emit("changed");
  }

  async toggleScreen() {
    if (this.screen.isOn) await this.screen.stop();
    else await this.screen.start();
  }

  async #publishAll() {
    await Promise.all(kinds.filter((kind) => !this.published[kind]).map((kind) => this.#publish(kind)));
  }

  /** @param {Kind} kind */
  async #publish(kind) {
    const track = this.devices.tracks[kind];
    if (!track) return;
    const hint = kind === "camera" ? { contentHint: "motion" } : { muted: this.#isSilent };
    const local = await this.room.publishTrack(track, { source: sources[kind], outlivesDevice: true, ...hint });
    this.published[kind] = local;
    // What changed while the server was asked.
    const now = this.devices.tracks[kind];
    if (now !== track) await this.#follow({ kind, track: now, hadTrack: true });
    this.emit("changed");
  }

  /** @param {{kind: Kind, track: MediaStreamTrack | undefined, hadTrack: boolean}} change of a device */
  async #follow({ kind, track, hadTrack }) {
    const local = this.published[kind];
    try {
      if (local && track) {
        await this.room.replaceTrack(local, track);
        // Its device was off or gone; one in place of another stays as it was.
        if (!hadTrack && !(kind === "microphone" && this.#isSilent)) this.room.setMuted(local, false);
      } else if (local) this.room.setMuted(local, true);
      else if (track && this.room.state === "connected") await this.#publish(kind);
    } catch {
      // The connection broke meanwhile; the next one publishes what there is then.
    }
    this.emit("changed");
  }

  async #mediaOpened() {
    const opened = new Promise((resolve) => {
      const off = this.room.on("mediaConnected", (way) => {
        if (way !== "PUBLISHER") return;
        off();
        resolve(undefined);
      });
    });
    try {
      await withDeadline(opened, mediaDeadline, "the way for media");
    } catch {
      throw new GoLiveError(
        "no_media",
        "The server answers, but media does not get through. A firewall or a VPN may block UDP; try another network.",
      );
    }
  }

  /** @param {any} error */
  #isNoMedia(error) {
    return error instanceof GoLiveError && error.code === "no_media";
  }

  /** @param {LocalTrack} local taken away by the server */
  #forget(local) {
    for (const kind of kinds) if (this.published[kind] === local) this.published[kind] = undefined;
    this.emit("changed");
  }

  /** @param {string} reason */
  async #disconnected(reason) {
    this.published = { camera: undefined, microphone: undefined };
    if (this.state === "ended" || this.state === "idle" || reason === "CLIENT_INITIATED") return;
    if (reason === "DUPLICATE_IDENTITY") {
      this.#become("elsewhere");
      this.screen.stop();
      // The other page may need them, and nobody likes a light that is on for nothing.
      return this.devices.rest();
    }
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
