// @ts-check

/**
 * @typedef {object} UplinkReport
 * @property {"good" | "fair" | "poor"} level
 * @property {string} words
 * @property {number} bitrate bits a second, of everything sent
 */

/** How well the picture gets out, in words that a creator can do something with. */
export class Uplink {
  /** @type {{packets: number, lost: number} | undefined} */
  #last;
  #silent = 0;

  /**
   * To be asked every second or two.
   * @param {{rtt: number, tracks: import("./stats.js").TrackStats[]} | undefined} publisher of GoLiveRoom's getStats
   * @returns {UplinkReport}
   */
  report(publisher) {
    const tracks = publisher?.tracks ?? [];
    const bitrate = tracks.reduce((sum, track) => sum + track.bitrate, 0);
    this.#silent = bitrate > 0 ? 0 : this.#silent + 1;
    const loss = this.#loss(tracks);
    const limits = tracks.filter(({ kind }) => kind === "video").map(({ limitation }) => limitation);
    const rtt = publisher?.rtt ?? 0;
    if (tracks.length === 0) return { level: "fair", words: "Nothing is being sent", bitrate };
    if (this.#silent > 3) return { level: "poor", words: "Nothing gets out at the moment", bitrate };
    if (loss > 0.08 || rtt > 500) return {
      level: "poor",
      words: "Weak connection: viewers may see it stutter",
      bitrate,
    };
    if (limits.includes("cpu")) return {
      level: "fair",
      words: "Your computer is busy: the picture is reduced",
      bitrate,
    };
    if (limits.includes("bandwidth")) return {
      level: "fair",
      words: "Limited connection: the picture is reduced",
      bitrate,
    };
    if (loss > 0.02 || rtt > 250) return { level: "fair", words: "Fair connection", bitrate };
    return { level: "good", words: "Good connection", bitrate };
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
