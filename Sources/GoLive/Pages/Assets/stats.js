// @ts-check
/**
 * A summary of what the browser's getStats knows of both connections, in the numbers that people ask for: bits a
 * second since the last call, frames a second, size, loss, round-trip time, jitter buffer.
 */

/**
 * @typedef {object} TrackStats
 * @property {string} sid
 * @property {"audio" | "video"} kind
 * @property {string} codec
 * @property {number} bitrate bits a second since the last call
 * @property {number} fps
 * @property {number} width
 * @property {number} height
 * @property {number} packets
 * @property {number} packetsLost
 * @property {number} lossRatio 0 to 1, since the start
 * @property {number} jitterBuffer milliseconds that the average frame or sample waited
 * @property {number} recentJitterBuffer the same since the last call
 * @property {number} framesDecoded
 * @property {number} freezeCount
 * @property {number} freezeDuration seconds
 * @property {number} audioEnergy
 * @property {number} playoutTimestamp NTP milliseconds of what is playing now, 0 when not known
 * @property {string} layer the rid of a sent layer
 * @property {string} limitation why a sent layer is not at its best
 */

export class StatsReader {
  /** @type {Map<string, {bytes: number, time: number, emitted: number, waited: number}>} */
  #last = new Map();

  /**
   * @param {RTCPeerConnection} peer
   * @param {(mid: string | undefined, trackID: string | undefined) => string} sidOf
   * @returns {Promise<{rtt: number, availableBitrate: number, tracks: TrackStats[]}>} `rtt` in milliseconds
   */
  async read(peer, sidOf) {
    const report = await peer.getStats();
    const summary = { rtt: 0, availableBitrate: 0, tracks: /** @type {TrackStats[]} */ ([]) };
    for (const stat of report.values()) {
      if (stat.type === "candidate-pair" && stat.nominated && stat.state === "succeeded") {
        summary.rtt = Math.round(1000 * (stat.currentRoundTripTime ?? 0));
        summary.availableBitrate = stat.availableOutgoingBitrate ?? 0;
      }
      if (stat.type === "inbound-rtp" || stat.type === "outbound-rtp") {
        summary.tracks.push(this.#track(stat, report, sidOf));
      }
    }
    return summary;
  }

  /**
   * @param {any} stat
   * @param {RTCStatsReport} report
   * @param {(mid: string | undefined, trackID: string | undefined) => string} sidOf
   * @returns {TrackStats}
   */
  #track(stat, report, sidOf) {
    const key = `${stat.type} ${stat.ssrc}`;
    const bytes = stat.bytesReceived ?? stat.bytesSent ?? 0;
    const before = this.#last.get(key);
    const emitted = stat.jitterBufferEmittedCount ?? 0;
    const waited = stat.jitterBufferDelay ?? 0;
    this.#last.set(key, { bytes, time: stat.timestamp, emitted, waited });
    const elapsed = before ? (stat.timestamp - before.time) / 1000 : 0;
    const remote = report.get(stat.remoteId);
    const packets = stat.packetsReceived ?? stat.packetsSent ?? 0;
    const lost = Math.max(0, stat.packetsLost ?? remote?.packetsLost ?? 0);
    const emittedSince = emitted - (before?.emitted ?? 0);
    return {
      sid: sidOf(stat.mid, stat.trackIdentifier),
      kind: stat.kind,
      codec: (report.get(stat.codecId)?.mimeType ?? "").replace(/^\w+\//, ""),
      bitrate: before && elapsed > 0 ? Math.max(0, Math.round((8 * (bytes - before.bytes)) / elapsed)) : 0,
      fps: stat.framesPerSecond ?? 0,
      width: stat.frameWidth ?? 0,
      height: stat.frameHeight ?? 0,
      packets,
      packetsLost: lost,
      lossRatio: packets + lost > 0 ? lost / (packets + lost) : 0,
      jitterBuffer: emitted > 0 ? Math.round((1000 * waited) / emitted) : 0,
      recentJitterBuffer: emittedSince > 0 ? Math.round((1000 * (waited - (before?.waited ?? 0))) / emittedSince) : 0,
      framesDecoded: stat.framesDecoded ?? 0,
      freezeCount: stat.freezeCount ?? 0,
      freezeDuration: stat.totalFreezesDuration ?? 0,
      audioEnergy: stat.totalAudioEnergy ?? 0,
      playoutTimestamp: stat.estimatedPlayoutTimestamp ?? 0,
      layer: stat.rid ?? "",
      limitation: stat.qualityLimitationReason ?? "none",
    };
  }
}
