// @ts-check
import { decodeUserPacket } from "./data.js";
import { Emitter, GoLiveError } from "./events.js";
import { Roster, participantOf } from "./participants.js";
import { LocalTrack, Publisher } from "./publisher.js";
import { resume, spread } from "./resume.js";
import { Signal } from "./signal.js";
import { StatsReader } from "./stats.js";
import { Subscriber } from "./subscriber.js";

export { GoLiveError, LocalTrack };

/** Milliseconds before the attempts to join anew, each spread by half; after the last one the room is given up. */
const backoff = [0, 300, 700, 1500, 3000, 5000, 7000, 10_000, 10_000, 10_000];
/** Milliseconds that one attempt may take: where packets vanish, the next one is the better bet. */
const attemptDeadline = 5000;

/**
 * @typedef {object} RoomOptions
 * @property {boolean} [autoSubscribe] receive every track as it is published; true unless said otherwise
 * @property {() => Promise<string>} [token] asked for a fresh token before each attempt to come back
 * @property {number} [startBitrate] kilobits a second that Chromium's bandwidth estimate starts from
 */

/**
 * One connection to a room: two peer connections and the signalling that drives them.
 *
 * Events (each listener gets the detail; `room.on(name, listener)` returns the function that takes it off):
 * - `connected` · `reconnecting` `{attempt}` · `reconnected` · `disconnected` `reason`
 * - `resumed` `reason`: the connection was lost and goes on, with the same tracks
 * - `participantJoined`, `participantChanged`, `participantLeft` Participant
 * - `trackPublished`, `trackUnpublished` `{participant, publication}`
 * - `trackSubscribed`, `trackUnsubscribed` `{track, sid, participant, publication, receiver}`
 * - `muted` `{participant, publication, muted}` · `data` `{payload, topic, identity, reliable}`
 * - `packet` `{bytes, reliable}`: a DataPacket that carries something else than a user's data, such as chat
 * - `mediaConnected` `"PUBLISHER" | "SUBSCRIBER"`: the way for media is open, or open again
 * - `mediaInterrupted` `"PUBLISHER" | "SUBSCRIBER"`: nothing is heard on it; `mediaConnected` or `reconnecting` follows
 * - `speakers` `[{sid, level, active}]` · `quality` `[{sid, quality, score}]` · `streamState` `[{sid, isPaused}]`
 * - `roomChanged` `{sid, name, metadata, …}` · `localChanged` Participant
 * - `localTrackMuted` `{local, muted}` by the server · `localTrackUnpublished` LocalTrack by the server
 */
export class GoLiveRoom extends Emitter {
  /** @type {"idle" | "connecting" | "connected" | "reconnecting" | "disconnected"} */
  state = "idle";
  /**
   * What the server says of the room.
   * @type {any}
   */
  room = {};
  /**
   * Oneself.
   * @type {import("./participants.js").Participant | undefined}
   */
  local = undefined;
  /** @type {LocalTrack[]} */
  localTracks = [];

  /** @type {Signal | undefined} */
  #signal;
  /** @type {Publisher | undefined} */
  #publisher;
  /** @type {Subscriber | undefined} */
  #subscriber;
  #roster = new Roster();
  #stats = new StatsReader();
  /**
   * Received tracks whose publisher has not been named yet.
   * @type {Map<string, any>}
   */
  #unnamed = new Map();
  /**
   * Tracks that `trackSubscribed` was reported for.
   * @type {Map<string, any>}
   */
  #subscribed = new Map();
  #url = "";
  #token = "";
  #wake = () => {};
  /**
   * While the connection is lost and may go on.
   * @type {Promise<boolean> | undefined}
   */
  #resuming = undefined;
  /** Whether the next list that names oneself is the whole truth. */
  #awaitsRoster = false;
  /**
   * Requests that wait until the signalling is back; the newest.
   * @type {[name: string, body: any][]}
   */
  #waiting = [];
  /**
   * Tracks that were asked for, or declined, by sid.
   * @type {Map<string, boolean>}
   */
  #wishes = new Map();

  /** @param {RoomOptions} [options] */
  constructor(options = {}) {
    super();
    this.options = options;
    this.onPageHide = () => this.disconnect();
  }

  /** The others, hidden ones excepted. */
  get participants() {
    return this.#roster.participants;
  }

  /** Milliseconds to add to this machine's clock to get the server's, as the last ping found it; undefined before. */
  get clockOffset() {
    return this.#signal?.clockOffset;
  }

  /** The tracks being received: `{track, sid, participant, publication, receiver}`. */
  get subscribedTracks() {
    return [...this.#subscribed.values()];
  }

  /**
   * Joins; resolves when the server has let us in. Media follows on its own.
   * @param {string} url the server, `ws`, `wss`, `http` or `https`
   * @param {string} token
   */
  async connect(url, token) {
    if (this.state !== "idle" && this.state !== "disconnected") throw new GoLiveError("busy", "already connected");
    this.#url = url;
    this.#token = token;
    this.state = "connecting";
    try {
      await this.#join();
    } catch (error) {
      this.#tearDown();
      this.state = "disconnected";
      throw error;
    }
    globalThis.addEventListener?.("pagehide", this.onPageHide);
    this.state = "connected";
    this.emit("connected");
  }

  /** Leaves. Tracks go on capturing; whoever made them stops them. */
  disconnect() {
    if (this.state === "idle" || this.state === "disconnected") return;
    this.#signal?.send("leave", { reason: "CLIENT_INITIATED", action: "DISCONNECT" });
    this.#end("CLIENT_INITIATED");
  }

  /** While the connection is lost: the next attempt to come back is made now. */
  retry() {
    if (this.state === "reconnecting" || this.#resuming) this.#wake();
  }

  // Publishing

  /**
   * @param {import("./publisher.js").PublishOptions & {constraints?: MediaTrackConstraints}} [options]
   */
  async publishCamera({ constraints = {}, ...options } = {}) {
    const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...constraints };
    const stream = await navigator.mediaDevices.getUserMedia({ video });
    return this.#publishOrStop(stream.getVideoTracks()[0], { source: "CAMERA", contentHint: "motion", ...options });
  }

  /**
   * @param {import("./publisher.js").PublishOptions & {constraints?: MediaTrackConstraints}} [options]
   */
  async publishMicrophone({ constraints = {}, ...options } = {}) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: constraints });
    return this.#publishOrStop(stream.getAudioTracks()[0], { source: "MICROPHONE", ...options });
  }

  /**
   * The screen, and its sound where the browser and the person give it.
   * @param {import("./publisher.js").PublishOptions} [options]
   * @returns {Promise<LocalTrack[]>}
   */
  async publishScreen(options = {}) {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 30 }, audio: true });
    const locals = [];
    for (const track of stream.getTracks()) {
      const isVideo = track.kind === "video";
      const source = isVideo ? "SCREEN_SHARE" : "SCREEN_SHARE_AUDIO";
      const hint = isVideo ? { contentHint: "detail" } : {};
      locals.push(await this.#publishOrStop(track, { source, simulcast: false, ...hint, ...options }));
    }
    return locals;
  }

  /**
   * @param {MediaStreamTrack} track
   * @param {import("./publisher.js").PublishOptions} [options]
   * @returns {Promise<LocalTrack>}
   */
  async publishTrack(track, options = {}) {
    const local = new LocalTrack(track, options);
    await this.#resuming;
    await this.#connectedPublisher().publish(local);
    this.localTracks.push(local);
    this.#unpublishAtEnd(local);
    return local;
  }

  /**
   * Another device for a track that is published: nobody has to subscribe anew. The old track goes on capturing.
   * @param {LocalTrack} local
   * @param {MediaStreamTrack} track of the same kind
   */
  async replaceTrack(local, track) {
    track.contentHint = local.track.contentHint;
    track.enabled = !local.isMuted;
    // Before anything is awaited: should the connection break meanwhile, the next one publishes this track.
    local.track = track;
    this.#unpublishAtEnd(local);
    await local.transceiver?.sender.replaceTrack(track);
  }

  /** @param {LocalTrack} local */
  async unpublish(local) {
    if (!this.localTracks.includes(local)) return;
    this.localTracks = this.localTracks.filter((other) => other !== local);
    await this.#resuming;
    await this.#publisher?.unpublish(local);
  }

  /**
   * @param {LocalTrack} local
   * @param {boolean} muted
   */
  setMuted(local, muted) {
    local.isMuted = muted;
    local.track.enabled = !muted;
    this.#request("mute", { sid: local.sid, muted });
  }

  // Receiving

  /**
   * @param {string | string[]} sids of tracks
   * @param {boolean} subscribe
   */
  setSubscribed(sids, subscribe) {
    for (const sid of [sids].flat()) this.#wishes.set(sid, subscribe);
    this.#request("subscription", { trackSids: [sids].flat(), subscribe });
  }

  /**
   * How one wants a track sent.
   * @param {string} sid of the track
   * @param {"LOW" | "MEDIUM" | "HIGH" | {width: number, height: number} | "OFF"} layer a quality, the size in pixels
   *   that the picture is shown at, or nothing at all
   */
  setLayer(sid, layer) {
    const settings =
      layer === "OFF" ? { disabled: true }
      : typeof layer === "string" ? { disabled: false, quality: layer }
      : { disabled: false, quality: "HIGH", width: Math.round(layer.width), height: Math.round(layer.height) };
    this.#request("trackSetting", { trackSids: [sid], ...settings });
  }

  /**
   * @param {Uint8Array | string} payload
   * @param {{reliable?: boolean, to?: string[], topic?: string}} [options] `to`: identities; everyone when left out
   */
  async sendData(payload, { reliable = true, to, topic } = {}) {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    await this.#connectedPublisher().send(bytes, { reliable, to, topic });
  }

  /**
   * Sends a DataPacket that is encoded already, reliably.
   * @param {Uint8Array<ArrayBuffer>} packet
   */
  async sendPacket(packet) {
    await this.#connectedPublisher().sendPacket(packet, { reliable: true });
  }

  /**
   * Changes one's own name, metadata or attributes, where the token allows it.
   * @param {{name?: string, metadata?: string, attributes?: Record<string, string>}} update
   */
  updateMetadata({ name, metadata, attributes = {} }) {
    const body = { name: name ?? this.local?.name ?? "", metadata: metadata ?? this.local?.metadata ?? "", attributes };
    this.#request("updateMetadata", body);
  }

  /**
   * @param {string} name
   * @param {any} body
   */
  #request(name, body) {
    if (!this.#resuming) this.#signal?.send(name, body);
    else this.#waiting = [...this.#waiting.slice(-63), [name, body]];
  }

  /**
   * @returns {Promise<{signalRTT: number, publisher: any, subscriber: any}>} see stats.js; rates are since the last call
   */
  async getStats() {
    const sent = (/** @type {string | undefined} */ mid) =>
      this.localTracks.find((local) => local.transceiver?.mid === mid)?.sid ?? "";
    const received = (/** @type {string | undefined} */ _, /** @type {string | undefined} */ trackID) =>
      [...(this.#subscriber?.received.values() ?? [])].find(({ track }) => track.id === trackID)?.sid ?? "";
    return {
      signalRTT: this.#signal?.rtt ?? 0,
      publisher: this.#publisher ? await this.#stats.read(this.#publisher.peer, sent) : undefined,
      subscriber: this.#subscriber ? await this.#stats.read(this.#subscriber.peer, received) : undefined,
    };
  }

  // Connection

  /** @param {number} [deadline] milliseconds until the server has let us in */
  async #join(deadline) {
    const signal = new Signal();
    this.#signal = signal;
    /** @type {any[]} offers may be right behind the join */
    const offers = [];
    signal.on("offer", (offer) => (this.#subscriber ? this.#subscriber.accept(offer) : offers.push(offer)));
    const join = await signal.open(this.#url, this.#token, { autoSubscribe: this.options.autoSubscribe, deadline });
    if (this.#signal !== signal) throw new GoLiveError("closed", "left while joining");
    this.room = join.room ?? {};
    this.local = participantOf(join.participant);
    const iceServers = join.iceServers ?? [];
    const publisher = new Publisher(signal, iceServers, this.options);
    const subscriber = new Subscriber(signal, iceServers);
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#listen(signal, publisher, subscriber);
    this.#roster.replace(join.otherParticipants ?? [], (name, detail) => this.#report(name, detail));
    offers.forEach((offer) => subscriber.accept(offer));
    if (this.local.permission.canPublish) {
      publisher.negotiate().catch(() => this.#resuming || this.#rejoin(signal, "negotiation"));
    }
  }

  /**
   * @param {Signal} signal
   * @param {Publisher} publisher
   * @param {Subscriber} subscriber
   */
  #listen(signal, publisher, subscriber) {
    signal.on("closed", () => this.#lost(signal, "SIGNAL_CLOSE"));
    signal.on("leave", (leave) => {
      const reason = leave.reason ?? "UNKNOWN_REASON";
      if (leave.action === "RESUME") this.#lost(signal, reason);
      else if (leave.action === "RECONNECT" || leave.canReconnect) this.#rejoin(signal, reason);
      else this.#end(reason);
    });
    signal.on("trickle", ({ candidateInit, target }) => {
      (target === "SUBSCRIBER" ? subscriber : publisher).addCandidate(candidateInit);
    });
    signal.on("update", ({ participants = [] }) => {
      const own = participants.find((/** @type {any} */ info) => info.sid === this.local?.sid);
      if (own) {
        this.local = participantOf(own);
        this.emit("localChanged", this.local);
      }
      const others = participants.filter((/** @type {any} */ info) => info !== own);
      const report = (/** @type {string} */ name, /** @type {any} */ detail) => this.#report(name, detail);
      if (own && this.#awaitsRoster) this.#roster.replace(others, report);
      else this.#roster.apply(others, report);
      if (own) this.#awaitsRoster = false;
    });
    signal.on("mute", ({ sid, muted = false }) => {
      const local = this.#localTrack(sid);
      if (!local) return;
      local.isMuted = muted;
      local.track.enabled = !muted;
      this.emit("localTrackMuted", { local, muted });
    });
    signal.on("trackUnpublished", ({ trackSid }) => {
      const local = this.#localTrack(trackSid);
      if (!local) return;
      this.#publisher?.unpublish(local).catch(() => {});
      this.#forget(local);
    });
    signal.on("subscribedQualityUpdate", ({ trackSid, subscribedQualities = [] }) => {
      this.#localTrack(trackSid)?.sendOnly(subscribedQualities);
    });
    signal.on("refreshToken", (token) => (this.#token = token));
    signal.on("roomUpdate", ({ room }) => {
      this.room = room;
      this.emit("roomChanged", room);
    });
    signal.on("speakersChanged", ({ speakers = [] }) => {
      const stated = (/** @type {any} */ { sid, level = 0, active = false }) => ({ sid, level, active });
      this.emit("speakers", speakers.map(stated));
    });
    signal.on("connectionQuality", ({ updates = [] }) => {
      const stated = (/** @type {any} */ { participantSid, quality = "POOR", score = 0 }) =>
        ({ sid: participantSid, quality, score });
      this.emit("quality", updates.map(stated));
    });
    signal.on("streamStateUpdate", ({ streamStates = [] }) => {
      const stated = (/** @type {any} */ { trackSid, state }) => ({ sid: trackSid, isPaused: state === "PAUSED" });
      this.emit("streamState", streamStates.map(stated));
    });
    subscriber.on("received", (received) => this.#received(received));
    subscriber.on("lost", ({ sid }) => this.#unsubscribed(sid));
    for (const connection of [publisher, subscriber]) {
      connection.on("connected", () => this.emit("mediaConnected", connection.target));
      connection.on("interrupted", () => this.emit("mediaInterrupted", connection.target));
      connection.on("failed", () => this.#lost(signal, "MEDIA_FAILURE"));
      connection.on("message", ({ bytes, reliable }) => {
        const message = decodeUserPacket(bytes);
        if (message) this.emit("data", { ...message, reliable });
        else this.emit("packet", { bytes, reliable });
      });
    }
  }

  /**
   * The connection broke: go on with it if that can be, else join anew.
   * @param {Signal} signal the connection that is meant; an older one's troubles are no news
   * @param {string} reason
   */
  async #lost(signal, reason) {
    const publisher = this.#publisher;
    const subscriber = this.#subscriber;
    const isOver = () => signal !== this.#signal || this.state !== "connected";
    if (isOver() || this.#resuming || !publisher || !subscriber) return;
    this.#awaitsRoster = true;
    this.#resuming = resume({
      signal, publisher, subscriber, isOver, url: this.#url, token: () => this.#token, sid: this.local?.sid ?? "",
      state: () => this.#syncState(), pause: (milliseconds) => this.#pause(milliseconds),
    });
    const isResumed = await this.#resuming;
    if (isOver()) return;
    this.#resuming = undefined;
    if (!isResumed) return this.#rejoin(signal, reason);
    for (const [name, body] of this.#waiting.splice(0)) signal.send(name, body);
    this.emit("resumed", reason);
  }

  /** What the server is to know of us when it goes on: what we have, and what we do not want although we take all. */
  #syncState() {
    const takesAll = this.options.autoSubscribe ?? true;
    const exceptions = [...this.#wishes].filter(([, isWanted]) => isWanted !== takesAll).map(([sid]) => sid);
    return {
      subscription: { trackSids: exceptions, subscribe: !takesAll },
      publishTracks: this.localTracks.map((local) => ({ cid: local.track.id, track: { sid: local.sid } })),
    };
  }

  /**
   * Comes back with new connections, and publishes the same tracks again.
   * @param {Signal} signal
   * @param {string} reason
   */
  async #rejoin(signal, reason) {
    if (signal !== this.#signal || this.state !== "connected") return;
    this.state = "reconnecting";
    this.#tearDown();
    // A server that stops loses everyone at once.
    const least = reason === "SERVER_SHUTDOWN" ? 2000 : 200;
    for (const [index, delay] of backoff.entries()) {
      this.emit("reconnecting", { attempt: index + 1, reason });
      await this.#pause(spread(delay, least));
      if (this.state !== "reconnecting") return;
      try {
        if (this.options.token) this.#token = await this.options.token();
        await this.#join(attemptDeadline);
        if (this.state !== "reconnecting") return;
        this.state = "connected";
        this.emit("reconnected");
        await this.#republish();
        return;
      } catch (error) {
        if (this.state !== "reconnecting") return;
        this.#tearDown();
        if (error instanceof GoLiveError && error.code === "refused") break;
      }
    }
    this.#end(reason);
  }

  async #republish() {
    const publisher = this.#publisher;
    const publish = async (/** @type {LocalTrack} */ local) => {
      await publisher?.publish(local).catch(() => {
        // When this connection broke as well, the next one publishes the track.
        if (this.#publisher === publisher) this.#forget(local);
      });
    };
    await Promise.all(this.localTracks.map(publish));
  }

  /** @param {LocalTrack} local no longer published, though nobody here asked for it */
  #forget(local) {
    this.localTracks = this.localTracks.filter((other) => other !== local);
    this.emit("localTrackUnpublished", local);
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.state === "disconnected") return;
    this.state = "disconnected";
    globalThis.removeEventListener?.("pagehide", this.onPageHide);
    this.#tearDown();
    this.#roster = new Roster();
    this.localTracks = [];
    this.#wake();
    this.emit("disconnected", reason);
  }

  #tearDown() {
    this.#signal?.close();
    this.#publisher?.close();
    this.#subscriber?.close();
    this.#signal = undefined;
    this.#publisher = undefined;
    this.#subscriber = undefined;
    this.#resuming = undefined;
    this.#awaitsRoster = false;
    this.#waiting = [];
    this.#wishes.clear();
    this.#unnamed.clear();
    for (const sid of [...this.#subscribed.keys()]) this.#unsubscribed(sid);
  }

  /** @param {number} milliseconds cut short by `disconnect` */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
      setTimeout(resolve, milliseconds);
    });
  }

  /**
   * @param {string} name
   * @param {any} detail
   */
  #report(name, detail) {
    this.emit(name, detail);
    if (name === "trackUnpublished") this.#unsubscribed(detail.publication.sid);
    const waiting = name === "trackPublished" && this.#unnamed.get(detail.publication.sid);
    if (waiting) this.#received(waiting);
  }

  /** @param {import("./subscriber.js").ReceivedTrack} received */
  #received(received) {
    const named = this.#roster.publication(received.sid);
    if (!named) {
      this.#unnamed.set(received.sid, received);
      return;
    }
    this.#unnamed.delete(received.sid);
    const subscription = { ...received, ...named };
    this.#subscribed.set(received.sid, subscription);
    this.emit("trackSubscribed", subscription);
  }

  /** @param {string} sid */
  #unsubscribed(sid) {
    this.#unnamed.delete(sid);
    const subscription = this.#subscribed.get(sid);
    if (!subscription) return;
    this.#subscribed.delete(sid);
    this.emit("trackUnsubscribed", subscription);
  }

  /** @param {LocalTrack} local whose device may be taken away */
  #unpublishAtEnd(local) {
    const { track } = local;
    track.addEventListener("ended", () => {
      if (local.track === track && !local.options.outlivesDevice) this.unpublish(local).catch(() => {});
    });
  }

  /** @param {string} sid */
  #localTrack(sid) {
    return this.localTracks.find((local) => local.sid === sid);
  }

  /**
   * @param {MediaStreamTrack} track
   * @param {import("./publisher.js").PublishOptions} options
   */
  async #publishOrStop(track, options) {
    try {
      return await this.publishTrack(track, options);
    } catch (error) {
      track.stop();
      throw error;
    }
  }

  #connectedPublisher() {
    if (!this.#publisher) throw new GoLiveError("closed", "not connected to a room");
    return this.#publisher;
  }
}
