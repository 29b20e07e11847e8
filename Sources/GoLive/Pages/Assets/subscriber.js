// @ts-check
import { Connection } from "./connection.js";

/**
 * @typedef {object} ReceivedTrack
 * @property {string} sid
 * @property {MediaStreamTrack} track
 * @property {RTCRtpReceiver} receiver
 */

/**
 * The connection that receives: the server offers at once and on every change, the client answers, one at a time.
 * Which track a media section carries is read from the offer itself, so that every browser agrees on it.
 *
 * Events besides Connection's: `received` and `lost` with a ReceivedTrack.
 */
export class Subscriber extends Connection {
  /** @type {Promise<void>} */
  #offers = Promise.resolve();
  /** @type {Map<string, ReceivedTrack>} by track sid */
  received = new Map();

  /**
   * @param {import("./signal.js").Signal} signal
   * @param {any[]} iceServers
   */
  constructor(signal, iceServers) {
    super(signal, "SUBSCRIBER", iceServers);
  }

  /** @param {any} offer SessionDescription */
  accept(offer) {
    this.#offers = this.#offers.then(() => this.#answer(offer)).catch((error) => {
      if (!this.isClosed) this.emit("failed", error);
    });
    return this.#offers;
  }

  /** @param {any} offer */
  async #answer(offer) {
    if (this.isClosed) return;
    await this.setRemote({ type: "offer", sdp: offer.sdp });
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    const id = offer.id ? { id: offer.id } : {};
    this.signal.send("answer", { type: "answer", sdp: this.peer.localDescription?.sdp, ...id });
    this.#compare(tracksByMid(offer));
  }

  /** @param {Map<string, string>} sids track sid by mid */
  #compare(sids) {
    /** @type {Map<string, ReceivedTrack>} */
    const now = new Map();
    for (const { mid, receiver } of this.peer.getTransceivers()) {
      const sid = mid === null ? undefined : sids.get(mid);
      if (sid) now.set(sid, { sid, receiver, track: receiver.track });
    }
    const before = this.received;
    this.received = now;
    for (const [sid, old] of before) {
      if (now.get(sid)?.receiver !== old.receiver) this.emit("lost", old);
    }
    for (const [sid, received] of now) {
      if (before.get(sid)?.receiver !== received.receiver) this.emit("received", received);
    }
  }
}

/**
 * @param {any} offer SessionDescription
 * @returns {Map<string, string>} of the sections that the server sends in
 */
export function tracksByMid(offer) {
  const sids = new Map();
  for (const section of offer.sdp.split(/\r?\n(?=m=)/).slice(1)) {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
    const isSent = /^a=send(only|recv)\s*$/m.test(section) && !/^m=\w+ 0 /.test(section);
    if (mid === undefined || !isSent) continue;
    const [, stream = "", track = ""] = /^a=msid:(\S+)(?: (\S+))?/m.exec(section) ?? [];
    const sid = offer.midToTrackId?.[mid] ?? [track, ...stream.split("|")].find((part) => part.startsWith("TR_"));
    if (sid) sids.set(mid, sid);
  }
  return sids;
}
