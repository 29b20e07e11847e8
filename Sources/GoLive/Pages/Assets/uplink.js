// @ts-check

/**
 * @typedef {object} UplinkReport
 * @property {"unknown" | "good" | "fair" | "poor"} level
 * @property {string} words
 * @property {number} bitrate bits a second, of everything sent
 */

/** Reports in a row without a bit sent, after which nothing gets out. */
const silence = 4;
/** Reports in a row with a reduced picture, after which it is said: an encoder takes a moment to find its measure. */
const persistence = 3;

/** How well the picture gets out, in words that a creator can do something with. */
export class Uplink {
  /** @type {{packets: number, lost: number} | undefined} */
  #last;
  #silent = 0;
  /** @type {Record<string, number>} reports in a row with this limitation */
  #limited = { cpu: 0, bandwidth: 0 };

  /**
   * To be asked every second or two.
   * @param {{rtt: number, tracks: import("./stats.js").TrackStats[]} | undefined} publisher of GoLiveRoom's getStats
   * @param {{isSending?: boolean}} [options] whether anything is meant to be seen or heard
   * @returns {UplinkReport}
   */
  report(publisher, { isSending = true } = {}) {
    const tracks = publisher?.tracks ?? [];
    const bitrate = tracks.reduce((sum, track) => sum + track.bitrate, 0);
    this.#silent = bitrate > 0 || !isSending ? 0 : this.#silent + 1;
    const loss = this.#loss(tracks);
    this.#count(tracks);
    return { ...this.#judge(bitrate, loss, publisher?.rtt ?? 0, isSending), bitrate };
  }

  /** Another connection: nothing is known of it. */
  reset() {
    this.#last = undefined;
    this.#silent = 0;
    this.#limited = { cpu: 0, bandwidth: 0 };
  }

  /**
   * @param {number} bitrate bits a second
   * @param {number} loss 0 to 1
   * @param {number} rtt milliseconds
   * @param {boolean} isSending
   * @returns {Pick<UplinkReport, "level" | "words">}
   */
  #judge(bitrate, loss, rtt, isSending) {
    if (!isSending) return { level: "fair", words: "Camera and microphone are off" };
    if (this.#silent >= silence) return { level: "poor", words: "Nothing gets out at the moment" };
    if (bitrate === 0) return { level: "unknown", words: "Measuring…" };
    if (loss > 0.08 || rtt > 500) return { level: "poor", words: "Weak connection: viewers may see it stutter" };
    if (this.#limited.cpu >= persistence) {
      return { level: "fair", words: "Your computer is busy: the picture is reduced" };
    }
    if (this.#limited.bandwidth >= persistence) {
      return { level: "fair", words: "Limited connection: the picture is reduced" };
    }
    if (loss > 0.02 || rtt > 250) return { level: "fair", words: "Fair connection" };
    return { level: "good", words: "Good connection" };
  }

  /** @param {import("./stats.js").TrackStats[]} tracks */
  #count(tracks) {
    for (const limitation of Object.keys(this.#limited)) {
      const isLimited = tracks.some((track) => track.kind === "video" && track.limitation === limitation);
      this.#limited[limitation] = isLimited ? this.#limited[limitation] + 1 : 0;
    }
  }

  /**
   * Since the last call, 0 to 1.
   * @param {import("./stats.js").TrackStats[]} tracks
   */
  #loss(tracks) {
    const packets = tracks.reduce((sum, track) => sum + track.packets, 0);
    const lost = tracks.reduce((sum, track) => sum + track.packetsLost, 0);
    const last = this.#last;
    this.#last = { packets, lost };
    if (!last || packets <= last.packets) return 0;
    return Math.max(0, lost - last.lost) / (packets - last.packets);
  }
}
