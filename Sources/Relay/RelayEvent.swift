/// What one participant's signalling connection is told, in order.
package enum ParticipantEvent: Sendable {
    /// Others (or oneself, after an update) joined, changed or left.
    case participants([ParticipantState])
    case room(RoomState)
    /// The server wants to (re)negotiate the subscriber connection: answer with `Relay.subscriberAnswer`.
    case subscriberOffer(sdp: String, id: UInt32)
    /// An announced track was accepted under this id; now offer its media.
    case trackPublished(clientID: String, TrackState)
    /// The publisher's own track is gone (its media was removed, or permission was taken).
    case trackUnpublished(TrackID)
    /// Somebody began to receive the publisher's own track.
    case trackSubscribed(TrackID)
    /// The server muted or unmuted the participant's own track.
    case trackMuted(TrackID, Bool)
    /// Which qualities of one's own track anyone watches.
    case subscribedQuality(TrackID, [VideoQuality: Bool])
    /// Whether a publisher lets one subscribe to a track.
    case subscriptionPermission(publisher: ParticipantID, TrackID, allowed: Bool)
    /// A subscription that was asked for cannot be had.
    case subscriptionFailed(TrackID)
    /// Speakers whose state changed since the last time.
    case speakers([Speaker])
    case connectionQuality([ConnectionQuality])
    /// Video of a track towards this viewer stopped or goes on.
    case streamState([StreamState])
    /// The participant is out; nothing follows.
    case left(LeaveReason)
    /// Another signalling connection of the participant has taken over; nothing follows.
    case superseded
}

package struct Speaker: Hashable, Sendable {
    package var participant: ParticipantID
    /// 0 (silence) to 1.
    package var level: Float
    package var isActive: Bool
}

package struct ConnectionQuality: Hashable, Sendable {
    package enum Grade: Hashable, Sendable { case poor, good, excellent, lost }

    package var participant: ParticipantID
    package var grade: Grade
    /// 1 to 5, as a mean opinion score.
    package var score: Float
}

package struct StreamState: Hashable, Sendable {
    package var participant: ParticipantID
    package var track: TrackID
    package var isPaused: Bool
}

/// What happens in rooms, for webhooks and for the application.
package enum RelayEvent: Sendable {
    case roomStarted(RoomState)
    case roomFinished(RoomState)
    case participantJoined(RoomState, ParticipantState)
    case participantLeft(RoomState, ParticipantState)
    case trackPublished(RoomState, ParticipantState, TrackState)
    case trackUnpublished(RoomState, ParticipantState, TrackState)
    /// Media of a published track arrives, or it is muted, which is not the same as gone. Comes after `trackPublished`.
    case mediaStarted(RoomState, ParticipantState, TrackState)
    /// A track is published and not muted, but for two seconds nothing has arrived. A track that ends says
    /// `trackUnpublished` only.
    case mediaStopped(RoomState, ParticipantState, TrackState)
}

/// A message that a participant sent over a data channel and that nobody has received yet: whoever consumes
/// `Relay.dataMessages` judges it and passes it on with `Relay.deliver`.
package struct DataMessage: Sendable {
    package var room: String
    package var sender: ParticipantState
    package var kind: DataKind
    package var payload: [UInt8]
}
