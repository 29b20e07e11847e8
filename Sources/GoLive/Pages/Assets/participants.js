// @ts-check
/**
 * Who else is in the room and what they publish, kept from the server's updates. The server leaves out members that
 * hold their default, so every reading here states it.
 */

/**
 * @typedef {object} Publication
 * @property {string} sid
 * @property {string} name
 * @property {"audio" | "video"} kind
 * @property {string} source `CAMERA`, `MICROPHONE`, `SCREEN_SHARE`, `SCREEN_SHARE_AUDIO` or `UNKNOWN`
 * @property {boolean} isMuted
 * @property {boolean} isSimulcast
 * @property {number} width
 * @property {number} height
 * @property {string} mimeType
 * @property {{quality: string, width: number, height: number, bitrate: number}[]} layers
 */

/**
 * @typedef {object} Participant
 * @property {string} sid
 * @property {string} identity
 * @property {string} name
 * @property {string} metadata
 * @property {Record<string, string>} attributes
 * @property {"JOINING" | "JOINED" | "ACTIVE" | "DISCONNECTED"} state
 * @property {number} joinedAt milliseconds since 1970
 * @property {any} permission
 * @property {Map<string, Publication>} tracks by sid
 * @property {number} version
 */

/**
 * @param {any} info TrackInfo
 * @returns {Publication}
 */
export function publicationOf(info) {
  return {
    sid: info.sid,
    name: info.name ?? "",
    kind: info.type === "VIDEO" ? "video" : "audio",
    source: info.source ?? "UNKNOWN",
    isMuted: info.muted ?? false,
    isSimulcast: info.simulcast ?? false,
    width: info.width ?? 0,
    height: info.height ?? 0,
    mimeType: info.mimeType ?? "",
    layers: (info.layers ?? []).map((/** @type {any} */ layer) => ({
      quality: layer.quality ?? "LOW",
      width: layer.width ?? 0,
      height: layer.height ?? 0,
      bitrate: layer.bitrate ?? 0,
    })),
  };
}

/**
 * @param {any} info ParticipantInfo
 * @returns {Participant}
 */
export function participantOf(info) {
  return {
    sid: info.sid,
    identity: info.identity ?? "",
    name: info.name ?? "",
    metadata: info.metadata ?? "",
    attributes: info.attributes ?? {},
    state: info.state ?? "JOINING",
    joinedAt: Number(info.joinedAtMs ?? 0) || Number(info.joinedAt ?? 0) * 1000,
    permission: info.permission ?? {},
    tracks: new Map((info.tracks ?? []).map((/** @type {any} */ track) => [track.sid, publicationOf(track)])),
    version: info.version ?? 0,
  };
}

/** The other participants, by sid. `apply` says what an update changed. */
export class Roster {
  /** @type {Map<string, Participant>} */
  #participants = new Map();

  get participants() {
    return [...this.#participants.values()];
  }

  /** @param {string} sid */
  participant(sid) {
    return this.#participants.get(sid);
  }

  /**
   * @param {string} trackSid
   * @returns {{participant: Participant, publication: Publication} | undefined}
   */
  publication(trackSid) {
    for (const participant of this.#participants.values()) {
      const publication = participant.tracks.get(trackSid);
      if (publication) return { participant, publication };
    }
    return undefined;
  }

  /**
   * @param {any[]} infos ParticipantInfo of others
   * @param {(name: string, detail: any) => void} report called for each change: `participantJoined`,
   *   `participantChanged`, `participantLeft`, `trackPublished`, `trackUnpublished`, `muted`
   */
  apply(infos, report) {
    for (const info of infos) {
      const before = this.#participants.get(info.sid);
      const after = participantOf(info);
      if (before && after.version && after.version < before.version) continue;
      if (after.state === "DISCONNECTED") {
        if (before) this.#remove(before, report);
        continue;
      }
      this.#participants.set(after.sid, after);
      report(before ? "participantChanged" : "participantJoined", after);
      this.#compareTracks(before, after, report);
    }
  }

  /**
   * A new join's list is the whole truth: whoever is missing has left.
   * @param {any[]} infos
   * @param {(name: string, detail: any) => void} report
   */
  replace(infos, report) {
    const present = new Set(infos.map((info) => info.sid));
    for (const participant of this.participants) {
      if (!present.has(participant.sid)) this.#remove(participant, report);
    }
    this.apply(infos, report);
  }

  /**
   * @param {Participant} participant
   * @param {(name: string, detail: any) => void} report
   */
  #remove(participant, report) {
    this.#participants.delete(participant.sid);
    for (const publication of participant.tracks.values()) {
      report("trackUnpublished", { participant, publication });
    }
    report("participantLeft", { ...participant, state: "DISCONNECTED" });
  }

  /**
   * @param {Participant | undefined} before
   * @param {Participant} after
   * @param {(name: string, detail: any) => void} report
   */
  #compareTracks(before, after, report) {
    for (const publication of before?.tracks.values() ?? []) {
      if (!after.tracks.has(publication.sid)) report("trackUnpublished", { participant: after, publication });
    }
    for (const publication of after.tracks.values()) {
      const known = before?.tracks.get(publication.sid);
      if (!known) report("trackPublished", { participant: after, publication });
      else if (known.isMuted !== publication.isMuted) {
        report("muted", { participant: after, publication, muted: publication.isMuted });
      }
    }
  }
}
