// @ts-check
import { Connection } from "./connection.js";
import { encodeUserPacket } from "./data.js";
import { GoLiveError, withDeadline } from "./events.js";
import { announcedLayers, encodingsFor, sendOnly } from "./layers.js";
import { publicationOf } from "./participants.js";

const answerDeadline = 10_000;
const publishDeadline = 10_000;
const channelDeadline = 10_000;
/** Bytes waiting in a data channel beyond which a lossy message is dropped and a reliable one waits. */
const bufferedCap = 256 * 1024;

/**
 * @typedef {object} PublishOptions
 * @property {string} [source] `CAMERA`, `MICROPHONE`, `SCREEN_SHARE`, `SCREEN_SHARE_AUDIO`
 * @property {string} [name]
 * @property {boolean} [simulcast] video in up to three sizes; the default for cameras
 * @property {import("./layers.js").Encoding[]} [encodings] low to high, instead of the ones chosen from the size
 * @property {string} [contentHint] `motion`, `detail`, `text`, `speech`, `music`
 * @property {boolean} [muted] publish silent or black at first
 * @property {boolean} [outlivesDevice] stays published when its device is taken away, for another to take its place
 */

/** A track of one's own that the room knows. */
export class LocalTrack {
  /**
   * @param {MediaStreamTrack} track
   * @param {PublishOptions} options
   */
  constructor(track, options) {
    this.track = track;
    this.options = options;
    this.isMuted = options.muted ?? false;
    /** Given by the server; a new one after each reconnect. */
    this.sid = "";
    /** @type {import("./participants.js").Publication | undefined} */
    this.publication = undefined;
    /** @type {RTCRtpTransceiver | undefined} */
    this.transceiver = undefined;
    /** One change of the sender at a time: a second one would overtake the first, and be refused. */
    this.changing = Promise.resolve();
  }

  /** @param {{quality?: string, enabled?: boolean}[]} wanted the layers that anyone watches, as the server says */
  sendOnly(wanted) {
    const { transceiver } = this;
    if (!transceiver) return;
    // A sender that was stopped meanwhile has nothing to change.
    this.changing = this.changing.then(() => sendOnly(transceiver.sender, wanted)).catch(() => {});
  }
}

/**
 * The connection that sends: the client offers, the server answers. Offers go one at a time; what changes while one
 * is on its way goes into the next.
 */
export class Publisher extends Connection {
  #offerID = 0;
  #isWanted = false;
  /** @type {Promise<void> | undefined} */
  #negotiating;
  /** @type {Map<string, MediaStream>} tracks of one stream name play in sync */
  #streams = new Map();

  /**
   * @param {import("./signal.js").Signal} signal
   * @param {any[]} iceServers
   * @param {{startBitrate?: number}} options `startBitrate` in kilobits a second, for Chromium's estimator
   */
  constructor(signal, iceServers, { startBitrate } = {}) {
    super(signal, "PUBLISHER", iceServers);
    this.startBitrate = startBitrate;
    this.reliable = this.peer.createDataChannel("_reliable", { ordered: true });
    this.lossy = this.peer.createDataChannel("_lossy", { ordered: false, maxRetransmits: 0 });
    this.listen(this.reliable);
    this.listen(this.lossy);
  }

  /**
   * Announces the track, waits until the server has accepted it, and offers its media.
   * @param {LocalTrack} local
   */
  async publish(local) {
    const { track, options } = local;
    if (options.contentHint) track.contentHint = options.contentHint;
    const source = options.source ?? "UNKNOWN";
    const stream = source.startsWith("SCREEN") ? "screen_share" : "camera";
    const request = {
      cid: track.id,
      name: options.name ?? "",
      type: track.kind === "video" ? "VIDEO" : "AUDIO",
      source,
      muted: local.isMuted,
      stream,
    };
    /** @type {import("./layers.js").Encoding[]} */
    let encodings = [{ maxBitrate: source === "SCREEN_SHARE_AUDIO" ? 128_000 : 96_000 }];
    if (track.kind === "video") {
      const { width = 1280, height = 720, frameRate = 0 } = track.getSettings();
      const simulcast = options.simulcast ?? source === "CAMERA";
      encodings = options.encodings ?? encodingsFor({ width, height, frameRate: Math.round(frameRate) || 30, simulcast });
      Object.assign(request, {
        width,
        height,
        layers: announcedLayers(encodings, width, height),
        simulcastCodecs: [{ codec: "vp8", cid: track.id }],
      });
    }
    local.publication = publicationOf(await this.#announce(request));
    local.sid = local.publication.sid;
    if (this.isClosed) throw new GoLiveError("closed", "the connection ended while publishing");
    track.enabled = !local.isMuted;
    local.transceiver = this.peer.addTransceiver(track, {
      direction: "sendonly",
      streams: [this.#stream(stream)],
      sendEncodings: encodings,
    });
    if (track.kind === "video") preferVP8(local.transceiver);
    await this.negotiate();
  }

  /** @param {LocalTrack} local */
  async unpublish(local) {
    if (!local.transceiver || this.isClosed) return;
    await local.transceiver.sender.replaceTrack(null);
    local.transceiver.direction = "inactive";
    local.transceiver = undefined;
    await this.negotiate();
  }

  /** Offers what the connection now holds; resolves when the server has answered. */
  negotiate() {
    this.#isWanted = true;
    this.#negotiating ??= this.#offerUntilSettled();
    return this.#negotiating;
  }

  /**
   * @param {Uint8Array} payload
   * @param {{reliable: boolean, to?: string[], topic?: string}} options
   */
  async send(payload, options) {
    await this.sendPacket(encodeUserPacket(payload, options), options);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} packet
   * @param {{reliable: boolean}} options
   */
  async sendPacket(packet, { reliable }) {
    const channel = reliable ? this.reliable : this.lossy;
    if (!this.peer.localDescription) await this.negotiate();
    if (channel.readyState === "connecting") await withDeadline(opened(channel), channelDeadline, "the data channel");
    if (channel.readyState !== "open") throw new GoLiveError("closed", "the data channel is closed");
    if (channel.bufferedAmount > bufferedCap) {
      if (!reliable) return;
      await drained(channel);
    }
    channel.send(packet);
  }

  async #offerUntilSettled() {
    try {
      while (this.#isWanted && !this.isClosed) {
        this.#isWanted = false;
        const id = ++this.#offerID;
        await this.peer.setLocalDescription(await this.peer.createOffer());
        const answered = this.#answer(id);
        this.signal.send("offer", { type: "offer", sdp: this.peer.localDescription?.sdp, id });
        const answer = await withDeadline(answered, answerDeadline, "the answer to the publisher's offer");
        await this.setRemote({ type: "answer", sdp: withStartBitrate(answer.sdp, this.startBitrate) });
      }
    } finally {
      this.#negotiating = undefined;
    }
  }

  /**
   * @param {number} id
   * @returns {Promise<any>}
   */
  #answer(id) {
    return new Promise((resolve, reject) => {
      const off = [
        this.signal.on("answer", (answer) => {
          if (answer.id && answer.id !== id) return;
          off.forEach((remove) => remove());
          resolve(answer);
        }),
        this.signal.on("requestResponse", (response) => {
          if (response.requestId !== id || isGranted(response) || isOfAnotherKind(response)) return;
          off.forEach((remove) => remove());
          reject(refusal(response));
        }),
        this.signal.on("closed", () => {
          off.forEach((remove) => remove());
          reject(new GoLiveError("closed", "signalling ended before the answer"));
        }),
      ];
    });
  }

  /**
   * @param {any} request AddTrackRequest
   * @returns {Promise<any>} TrackInfo
   */
  #announce(request) {
    /** @type {(() => void)[]} */
    const off = [];
    const published = new Promise((resolve, reject) => {
      off.push(
        this.signal.on("trackPublished", (response) => {
          if (response.cid === request.cid) resolve(response.track);
        }),
        this.signal.on("requestResponse", (response) => {
          if (response.addTrack?.cid === request.cid && !isGranted(response)) reject(refusal(response));
        }),
        this.signal.on("closed", () => reject(new GoLiveError("closed", "signalling ended while publishing")))
      );
    });
    this.signal.send("addTrack", request);
    return withDeadline(published, publishDeadline, "publishing").finally(() => off.forEach((remove) => remove()));
  }

  /** @param {string} name */
  #stream(name) {
    const stream = this.#streams.get(name) ?? new MediaStream();
    this.#streams.set(name, stream);
    return stream;
  }
}

/** @param {any} response RequestResponse */
function isGranted({ reason = "OK" }) {
  return reason === "OK" || reason === "QUEUED";
}

/**
 * Only an offer has no member of its own.
 * @param {any} response RequestResponse
 */
function isOfAnotherKind({ addTrack, mute, updateMetadata, trickle }) {
  return Boolean(addTrack || mute || updateMetadata || trickle);
}

/** @param {any} response RequestResponse */
function refusal({ reason, message }) {
  return new GoLiveError(reason.toLowerCase(), message || `the server refused: ${reason}`);
}

/** @param {RTCRtpTransceiver} transceiver */
function preferVP8(transceiver) {
  const codecs = RTCRtpSender.getCapabilities?.("video")?.codecs ?? [];
  if (!transceiver.setCodecPreferences || codecs.length === 0) return;
  const rank = (/** @type {{mimeType: string}} */ { mimeType }) =>
    /\/VP8$/i.test(mimeType) ? 0 : /\/rtx$/i.test(mimeType) ? 1 : 2;
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
}

/**
 * Chromium begins its bandwidth estimate at 300 kbit/s unless the remote description says otherwise.
 * @param {string} sdp the answer
 * @param {number} [kilobits]
 */
export function withStartBitrate(sdp, kilobits) {
  if (!kilobits) return sdp;
  return sdp.replace(/^a=rtpmap:(\d+) VP8\/90000\r\n/gm, `$&a=fmtp:$1 x-google-start-bitrate=${kilobits}\r\n`);
}

/**
 * @param {RTCDataChannel} channel
 * @returns {Promise<void>}
 */
function opened(channel) {
  return new Promise((resolve) => {
    channel.addEventListener("open", () => resolve(), { once: true });
    channel.addEventListener("close", () => resolve(), { once: true });
  });
}

/**
 * @param {RTCDataChannel} channel
 * @returns {Promise<void>}
 */
function drained(channel) {
  channel.bufferedAmountLowThreshold = bufferedCap / 2;
  return new Promise((resolve) => {
    channel.addEventListener("bufferedamountlow", () => resolve(), { once: true });
    channel.addEventListener("close", () => resolve(), { once: true });
  });
}
