/// A participant whose token has been checked asks to come in.
package struct JoinRequest: Sendable {
    package var room: String
    package var identity: String
    package var name: String
    package var metadata: String
    package var attributes: [String: String]
    package var permission: Permission
    /// Subscribes to every track as it is published.
    package var autoSubscribe: Bool
    /// Gives each track a stream of its own, named after it: for clients that lose the track's name. They cannot play a
    /// publisher's sound and picture in step.
    package var streamsByTrack: Bool

    package init(
        room: String, identity: String, name: String = "", metadata: String = "",
        attributes: [String: String] = [:], permission: Permission, autoSubscribe: Bool = true,
        streamsByTrack: Bool = false
    ) {
        self.room = room
        self.identity = identity
        self.name = name
        self.metadata = metadata
        self.attributes = attributes
        self.permission = permission
        self.autoSubscribe = autoSubscribe
        self.streamsByTrack = streamsByTrack
    }
}

/// What a participant finds on coming in. `events` is theirs alone and ends when they are gone, or somebody else speaks
/// for them.
package struct Joined: Sendable {
    package var participant: ParticipantState
    package var room: RoomState
    package var others: [ParticipantState]
    /// Names the signalling connection in `Relay.signalEnded`.
    package var link: Int
    package var events: AsyncStream<ParticipantEvent>
    /// The way that they asked for when they were here before.
    package var icePreference = ICEPreference.any
}

/// A participant whose new signalling connection goes on where the last one ended. `events` begins with how things are.
package struct Resumed: Sendable {
    package var participant: ParticipantState
    package var link: Int
    package var events: AsyncStream<ParticipantEvent>
    /// The client asked to be cut off, to see that it copes: once greeted, or before.
    package var isCutAfterGreeting: Bool
    package var isCutBeforeGreeting: Bool
    package var icePreference = ICEPreference.any
}

/// What a client that resumes believes to have.
package struct ClientState: Hashable, Sendable {
    /// Tracks that it wants although it does not take everything, or does not want although it does.
    package var exceptions: [TrackID]
    package var areExceptionsWanted: Bool
    /// Tracks that it wants nothing of for now.
    package var disabled: [TrackID]
    package var published: [TrackID]

    package init(
        exceptions: [TrackID] = [], areExceptionsWanted: Bool = false, disabled: [TrackID] = [],
        published: [TrackID] = []
    ) {
        self.exceptions = exceptions
        self.areExceptionsWanted = areExceptionsWanted
        self.disabled = disabled
        self.published = published
    }
}

/// A participant announces a track; the media that belongs to it arrives with the next publisher offer, whose
/// `msid` names `clientID`.
package struct TrackRequest: Sendable {
    package var clientID: String
    package var kind: TrackKind
    package var source: TrackSource
    package var name: String
    package var isMuted: Bool
    package var width: Int
    package var height: Int
    package var layers: [TrackState.Layer]
    package var stream: String
    package var isStereo: Bool
    package var disablesDTX: Bool
    package var disablesRED: Bool
    package var encryption: Int

    package init(
        clientID: String, kind: TrackKind, source: TrackSource = .unknown, name: String = "", isMuted: Bool = false,
        width: Int = 0, height: Int = 0, layers: [TrackState.Layer] = [], stream: String = "",
        isStereo: Bool = false, disablesDTX: Bool = false, disablesRED: Bool = false, encryption: Int = 0
    ) {
        self.clientID = clientID
        self.kind = kind
        self.source = source
        self.name = name
        self.isMuted = isMuted
        self.width = width
        self.height = height
        self.layers = layers
        self.stream = stream
        self.isStereo = isStereo
        self.disablesDTX = disablesDTX
        self.disablesRED = disablesRED
        self.encryption = encryption
    }
}

/// How a viewer wants one track sent to them.
package struct TrackSettings: Hashable, Sendable {
    package var isDisabled: Bool
    /// Honoured when no size is given.
    package var quality: VideoQuality
    /// Pixels on the viewer's screen; 0: not stated. The smallest layer that fills it is sent.
    package var width: Int
    package var height: Int

    package init(isDisabled: Bool = false, quality: VideoQuality = .high, width: Int = 0, height: Int = 0) {
        self.isDisabled = isDisabled
        self.quality = quality
        self.width = width
        self.height = height
    }
}

/// Who may subscribe to a publisher's tracks, as the publisher last said.
package struct SubscriptionRule: Hashable, Sendable {
    package struct Grant: Hashable, Sendable {
        /// Either names the participant.
        package var participantID: ParticipantID?
        package var identity: String
        package var allTracks: Bool
        package var tracks: Set<TrackID>

        package init(
            participantID: ParticipantID? = nil, identity: String = "", allTracks: Bool, tracks: Set<TrackID> = []
        ) {
            self.participantID = participantID
            self.identity = identity
            self.allTracks = allTracks
            self.tracks = tracks
        }
    }

    package var everyone: Bool
    package var grants: [Grant]

    package init(everyone: Bool, grants: [Grant] = []) {
        self.everyone = everyone
        self.grants = grants
    }

    /// Whether a viewer, named in either way, may have a track.
    func allows(_ viewer: ParticipantID, _ identity: String, _ track: TrackID) -> Bool {
        if everyone { return true }
        return grants.contains { grant in
            (grant.participantID == viewer || (!grant.identity.isEmpty && grant.identity == identity))
                && (grant.allTracks || grant.tracks.contains(track))
        }
    }
}

/// The two ways that data travels.
package enum DataKind: Hashable, Sendable {
    /// In order, retransmitted until it arrives: the `_reliable` channel.
    case reliable
    /// Unordered, sent once: the `_lossy` channel.
    case lossy
}

/// Whom a data message goes to. The sender never gets it back.
package enum DataRecipients: Hashable, Sendable {
    case everyone
    case identities(Set<String>)
}

/// Changes to a participant; `nil` leaves as it is. An attribute set to "" is removed.
package struct ParticipantUpdate: Sendable {
    package var name: String?
    package var metadata: String?
    package var attributes: [String: String]?
    package var permission: Permission?

    package init(
        name: String? = nil, metadata: String? = nil, attributes: [String: String]? = nil, permission: Permission? = nil
    ) {
        self.name = name
        self.metadata = metadata
        self.attributes = attributes
        self.permission = permission
    }
}

/// What a room is created with; `nil` takes the configured default.
package struct RoomRequest: Sendable {
    package var name: String
    package var metadata: String
    package var emptyTimeout: Int?
    package var departureTimeout: Int?
    package var maxParticipants: Int?

    package init(
        name: String, metadata: String = "", emptyTimeout: Int? = nil, departureTimeout: Int? = nil,
        maxParticipants: Int? = nil
    ) {
        self.name = name
        self.metadata = metadata
        self.emptyTimeout = emptyTimeout
        self.departureTimeout = departureTimeout
        self.maxParticipants = maxParticipants
    }
}

/// Why the relay refused. Every case names what was wrong without repeating secrets.
package enum RelayError: Error, Hashable, Sendable {
    case roomNotFound
    case participantNotFound
    case trackNotFound
    case roomFull
    /// The grant does not allow it; the text says what.
    case notPermitted(String)
    /// A stated limit was reached; the text names it.
    case limitReached(String)
    /// The session description was refused; the text says why.
    case badDescription(String)
    case shuttingDown
}
