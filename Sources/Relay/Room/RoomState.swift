/// A room as others see it, at one moment.
package struct RoomState: Hashable, Sendable {
    package var id: RoomID
    package var name: String
    package var metadata: String
    /// Milliseconds since 1970.
    package var createdAt: Int64
    /// Seconds that the room stays open with nobody in it before anyone has joined.
    package var emptyTimeout: Int
    /// Seconds that it stays open after the last participant left.
    package var departureTimeout: Int
    /// 0: no limit.
    package var maxParticipants: Int
    /// Hidden participants are not counted.
    package var participantCount: Int
    package var publisherCount: Int
}

/// A participant as others see them, at one moment.
package struct ParticipantState: Hashable, Sendable {
    package enum Stage: Hashable, Sendable {
        /// Signalling is up, media is not yet.
        case joined
        /// At least one media connection is up.
        case active
        case disconnected
    }

    package var id: ParticipantID
    package var identity: String
    package var name: String
    package var metadata: String
    package var attributes: [String: String]
    package var stage: Stage
    /// Milliseconds since 1970.
    package var joinedAt: Int64
    package var permission: Permission
    package var tracks: [TrackState]
    /// Grows with every change of this participant.
    package var version: UInt32
    /// Set when `stage` is `disconnected`.
    package var leaveReason: LeaveReason?

    package var isPublisher: Bool { !tracks.isEmpty }
}

/// A published track as others see it, at one moment.
package struct TrackState: Hashable, Sendable {
    package struct Layer: Hashable, Sendable {
        package var quality: VideoQuality
        package var rid: String
        package var width: Int
        package var height: Int
        /// Bits a second, as the publisher announced it.
        package var bitrate: Int

        package init(quality: VideoQuality, rid: String = "", width: Int, height: Int, bitrate: Int) {
            self.quality = quality
            self.rid = rid
            self.width = width
            self.height = height
            self.bitrate = bitrate
        }
    }

    package var id: TrackID
    package var kind: TrackKind
    package var source: TrackSource
    package var name: String
    package var isMuted: Bool
    package var width: Int
    package var height: Int
    /// Low to high; empty for audio.
    package var layers: [Layer]
    package var isSimulcast: Bool
    /// `video/VP8`, `audio/opus`; empty until media was negotiated.
    package var mimeType: String
    /// The section of the publisher's session description that carries it; empty until negotiated.
    package var mid: String
    /// The stream name that the publisher grouped it under.
    package var stream: String
    package var isStereo: Bool
    package var disablesDTX: Bool
    package var disablesRED: Bool
    /// End-to-end encryption as LiveKit numbers it: 0 none, 1 GCM, 2 custom.
    package var encryption: Int
}

/// Why a participant is no longer there.
package enum LeaveReason: Hashable, Sendable {
    case clientInitiated
    case duplicateIdentity
    case serverShutdown
    case participantRemoved
    case roomDeleted
    case stateMismatch
    case joinFailure
    /// Media never came up, or the last consent check is too long ago.
    case connectionTimeout
    /// The signalling connection ended without a word.
    case signalClosed
    case roomClosed
}
