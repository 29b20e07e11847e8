// @ts-check
import { api } from "./api.js";
import { factsIn, readChannel, settingsIn } from "./channel-facts.js";
import { Emitter } from "./events.js";
import { GoLiveRoom } from "./golive-client.js";
import { keep, kept } from "./kept.js";
import { streamUpdates } from "./stream-updates.js";

/**
 * What a viewer is to be shown:
 * - `loading`: nothing is known yet · `missing`: nobody of this name · `blocked`: the host does not let one watch
 * - `offline` · `waiting`: live, the picture is on its way · `live` · `paused`: the creator's connection broke
 * - `reconnecting`: one's own broke · `ended`: it was live a moment ago
 * - `elsewhere`: the same account watches in another place · `failed`: given up, until asked again
 * @typedef {"loading" | "missing" | "blocked" | "offline" | "waiting" | "live" | "paused" | "reconnecting" | "ended"
 *   | "elsewhere" | "failed"} ViewerState
 */

/** Milliseconds between attempts to get in, the last one again and again. */
const pauses = [1000, 2000, 5000, 10_000, 20_000];

/** Milliseconds without a track that are not worth a word: tracks may be taken anew. */
const gap = 1500;

/**
 * A viewer's side of one stream: what the server says of it, the token, the room. It follows by itself: joins when the
 * stream begins, and knows *ended* from *will be right back*.
 *
 * Events: `state` ViewerState · `stream` its record · `viewerCount` · `chatSettings`.
 */
export class ViewerSession extends Emitter {
  room = new GoLiveRoom();
  /** @type {ViewerState} */
  state = "loading";
  /**
   * The stream and its host, as the server gave them.
   * @type {any}
   */
  stream = undefined;
  /** @type {Record<string, any>} */
  chatSettings = {};
  viewerCount = 0;

  #phase = "unknown";
  #wasLive = false;
  /** @type {ViewerState | undefined} a state that only the viewer, or a new stream, ends */
  #stopped;
  #isJoining = false;
  #wasRemoved = false;
  #failures = 0;
  #lastMedia = 0;
  /** @type {any} */
  #timer;
  /** @type {any} */
  #settling;
  #closeUpdates = () => {};

  /**
   * @param {{username: string, selfView?: boolean}} options `selfView`: the creator watches, under a name of its own
   */
  constructor({ username, selfView = false }) {
    super();
    this.username = username;
    this.selfView = selfView;
    const { room } = this;
    for (const name of ["connected", "reconnected", "roomChanged"]) room.on(name, () => this.#hearRoom());
    room.on("reconnecting", () => this.#update());
    room.on("trackSubscribed", () => this.#update());
    room.on("trackUnsubscribed", () => {
      this.#lastMedia = Date.now();
      this.#update();
    });
    room.on("disconnected", (reason) => this.#disconnected(reason));
    // A network that is back is not waited for.
    addEventListener("online", () => room.retry());
  }

  get hostID() {
    return this.stream?.host?.id ?? "";
  }

  get isGuest() {
    return this.room.local?.identity.startsWith("guest-") ?? true;
  }

  async start() {
    clearTimeout(this.#timer);
    this.#stopped = undefined;
    try {
      if (!(await this.#read())) return this.#stop(this.#wasRemoved ? "blocked" : "missing");
    } catch {
      this.#again(() => this.start());
      return;
    }
    this.#failures = 0;
    this.#listen();
    this.#follow();
  }

  /** After `elsewhere` or `failed`: the viewer wants to watch here, now. */
  retry() {
    this.#failures = 0;
    this.#stopped = undefined;
    if (this.room.state === "reconnecting") this.room.retry();
    else if (this.stream) this.#follow();
    else this.start();
  }

  /**
   * A guest's name is in its token, so another name is another visit.
   * @param {string} name
   */
  async rename(name) {
    keep("guest", name.trim() || undefined);
    if (!this.isGuest || this.room.state !== "connected") return;
    this.room.disconnect();
    await this.#join();
  }

  close() {
    this.#closeUpdates();
    clearTimeout(this.#timer);
    this.#stopped ??= "ended";
    this.room.disconnect();
  }

  /** @returns {Promise<boolean>} whether there is such a channel for this viewer */
  async #read() {
    const stream = await readChannel(this.username);
    if (stream) this.#know(stream);
    return Boolean(stream);
  }

  /** @param {any} stream */
  #know(stream) {
    this.stream = stream;
    this.chatSettings = settingsIn(stream);
    this.#phase = stream.phase ?? (stream.isLive ? "live" : "offline");
    this.emit("stream", stream);
    this.#count(stream.viewerCount ?? 0);
    this.emit("chatSettings", this.chatSettings);
  }

  /** What the room says of itself. */
  #hearRoom() {
    const facts = factsIn(this.room.room.metadata);
    if (!facts || !this.stream) return this.#update();
    const { title, description, thumbnail } = facts;
    Object.assign(this.stream, { title, description, thumbnail });
    Object.assign(this.chatSettings, settingsIn(facts));
    this.emit("chatSettings", this.chatSettings);
    this.#enter(facts);
  }

  #listen() {
    this.#closeUpdates();
    this.#closeUpdates = streamUpdates(this.username, {
      status: (status) => this.#enter(status),
      viewerCount: (count) => this.#count(count),
      info: (info) => {
        Object.assign(this.stream, info);
        this.emit("stream", this.stream);
      },
      chatSettings: (settings) => {
        Object.assign(this.chatSettings, settings);
        this.emit("chatSettings", this.chatSettings);
      },
    }, {
      isThere: Boolean(this.stream.id),
      ask: async () => {
        if (await this.#read()) this.#follow();
        return Boolean(this.stream.id);
      },
    });
  }

  /** @param {{isLive: boolean, phase: string, startedAt?: string | null, viewerCount?: number}} status */
  #enter({ isLive, phase, startedAt, viewerCount }) {
    this.#phase = phase;
    Object.assign(this.stream, { startedAt, isLive });
    this.#count(viewerCount);
    this.emit("stream", this.stream);
    if (phase !== "offline" && this.#stopped === "failed") this.#stopped = undefined;
    this.#follow();
  }

  /** @param {number | undefined} count */
  #count(count) {
    if (typeof count !== "number" || count === this.viewerCount) return;
    this.viewerCount = count;
    this.emit("viewerCount", count);
  }

  /** Does what the phase asks for. */
  #follow() {
    if (this.#phase === "live") this.#wasLive = true;
    const isIdle = this.room.state === "idle" || this.room.state === "disconnected";
    if (this.#phase !== "offline" && isIdle && !this.#stopped) this.#join();
    this.#update();
  }

  async #join() {
    if (this.#isJoining) return;
    this.#isJoining = true;
    clearTimeout(this.#timer);
    this.#update();
    try {
      const { token, wsUrl } = await this.#token();
      await this.room.connect(wsUrl || location.origin, token);
      this.#failures = 0;
      this.#wasRemoved = false;
    } catch (error) {
      const { status, code } = /** @type {any} */ (error);
      if (code === "blocked") this.#stop("blocked");
      else if (status === 404) this.#stop("missing");
      else this.#again(() => this.#follow());
    } finally {
      this.#isJoining = false;
      this.#update();
    }
  }

  #token() {
    if (this.selfView) return api.post("/api/stream/creator-token");
    const guestName = kept("guest");
    return api.post("/api/viewer/token", { hostId: this.hostID, ...(guestName ? { guestName } : {}) });
  }

  /** @param {string} reason */
  #disconnected(reason) {
    if (this.#stopped) return;
    if (reason === "DUPLICATE_IDENTITY") this.#stop("elsewhere");
    else if (reason === "ROOM_DELETED" || reason === "ROOM_CLOSED") this.#phase = "offline";
    else if (reason === "PARTICIPANT_REMOVED") {
      // Who was blocked finds no channel any more; who was only put out may come back.
      this.#wasRemoved = true;
      this.#again(() => this.start(), 0);
    } else if (reason !== "CLIENT_INITIATED" && this.#phase !== "offline") this.#again(() => this.#follow());
    this.#update();
  }

  /**
   * @param {() => void} action after a pause that grows; in the end only when the viewer asks
   * @param {number} [pause] milliseconds
   */
  #again(action, pause = pauses[this.#failures] * (0.75 + Math.random() / 2)) {
    clearTimeout(this.#timer);
    if (this.#failures >= pauses.length) {
      this.#stop("failed");
      addEventListener("online", () => this.retry(), { once: true });
      return;
    }
    this.#timer = setTimeout(action, pause);
    this.#failures += 1;
    this.#update();
  }

  /** @param {ViewerState} state */
  #stop(state) {
    this.#stopped = state;
    if (state === "missing" || state === "blocked") this.#closeUpdates();
    this.#update();
  }

  #update() {
    clearTimeout(this.#settling);
    const state = this.#stopped ?? this.#observed();
    if (state === "live") this.#wasLive = true;
    if (state === this.state) return;
    const isGap = state === "paused" && this.#phase !== "reconnecting" && Date.now() - this.#lastMedia < gap;
    if (isGap) {
      this.#settling = setTimeout(() => this.#update(), gap);
      return;
    }
    this.state = state;
    this.emit("state", state);
  }

  /** @returns {ViewerState} */
  #observed() {
    if (!this.stream) return "loading";
    if (this.#phase === "offline") return this.#wasLive ? "ended" : "offline";
    if (this.room.state === "reconnecting") return "reconnecting";
    if (this.#failures > 0 && this.room.state !== "connected") return this.#wasLive ? "reconnecting" : "loading";
    if (this.#phase === "reconnecting") return "paused";
    if (this.room.subscribedTracks.length > 0) {
      this.#lastMedia = Date.now();
      return "live";
    }
    return this.#wasLive && this.room.state === "connected" && this.#hadMedia() ? "paused" : "waiting";
  }

  #hadMedia() {
    return this.state === "live" || this.state === "paused" || this.state === "reconnecting";
  }
}
