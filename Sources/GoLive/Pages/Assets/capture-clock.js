// @ts-check
/**
 * How old the picture is that a viewer sees. Sender reports carry the creator's clock, so the viewer must know how far
 * that is from its own: the creator tells the room how far its clock is from the server's, every few seconds in a
 * message that may get lost, and each viewer knows the same of its own clock from its pings.
 */

const topic = "capture-clock";
const interval = 5000;
/** NTP counts from 1900. */
const secondsTo1970 = 2_208_988_800;

/**
 * The creator's side. Stops by itself when the room does.
 * @param {import("./golive-client.js").GoLiveRoom} room
 * @returns {() => void} stops it
 */
export function shareClock(room) {
  const share = () => {
    if (room.state !== "connected" || room.clockOffset === undefined) return;
    room.sendData(JSON.stringify({ offset: Math.round(room.clockOffset) }), { reliable: false, topic }).catch(() => {});
  };
  const timer = setInterval(share, interval);
  return () => clearInterval(timer);
}

/** The viewer's side. */
export class CaptureClock {
  /**
   * The server's clock less the creator's, in milliseconds.
   * @type {number | undefined}
   */
  #creatorOffset;

  /** @param {import("./golive-client.js").GoLiveRoom} room */
  constructor(room) {
    this.room = room;
    room.on("data", ({ payload, topic: given, identity }) => {
      if (given === topic && this.#isPublisher(identity)) this.#hear(payload);
    });
  }

  /**
   * @param {import("./stats.js").TrackStats} track
   * @returns {number | undefined} milliseconds from capture to what is shown now; undefined where it cannot be known yet
   */
  age(track) {
    if (!track.playoutTimestamp || this.#creatorOffset === undefined || this.room.clockOffset === undefined) {
      return undefined;
    }
    const isNTP = track.playoutTimestamp > secondsTo1970 * 1000;
    const captured = track.playoutTimestamp - (isNTP ? secondsTo1970 * 1000 : 0) + this.#creatorOffset;
    const age = Date.now() + this.room.clockOffset - captured;
    // Clocks are known to within half a round trip, so a very short way can come out below nothing.
    return age > -500 && age < 60_000 ? Math.max(0, age) : undefined;
  }

  /** @param {string} identity */
  #isPublisher(identity) {
    return this.room.participants.some((other) => other.identity === identity && other.tracks.size > 0);
  }

  /** @param {Uint8Array} payload */
  #hear(payload) {
    try {
      const { offset } = JSON.parse(new TextDecoder().decode(payload));
      if (Number.isFinite(offset)) this.#creatorOffset = offset;
    } catch {
      // What cannot be read says nothing.
    }
  }
}
