/// A participant as the control plane keeps them: what they may do, publish and receive, and their two connections.
final class Participant {
    /// What a participant wants of one track.
    struct Subscription {
        var publisher: ParticipantID
        var settings = TrackSettings()
        /// The viewer's answer has accepted it.
        var isActive = false
    }

    let id = ParticipantID.random()
    let room: Room
    let identity: String
    let joinedAt: Int64
    let autoSubscribe: Bool
    let streamsByTrack: Bool
    let events = ParticipantEvents()

    var signalling = Signalling.present(link: 1)
    /// Connections whose media is up and that the client has not closed.
    var connected: Set<TransportID> = []
    var simulations = Simulations()
    var icePreference: ICEPreference
    var name: String
    var metadata: String
    var attributes: [String: String]
    var permission: Permission
    var stage = ParticipantState.Stage.joined
    /// The others were told of this participant, and are to be told of every change.
    var isKnown = false
    private(set) var version: UInt32 = 1

    var publications: [TrackID: Publication] = [:]
    /// In the order of announcement.
    var publicationOrder: [TrackID] = []
    var subscriptions: [TrackID: Subscription] = [:]
    /// Tracks that the participant said they do not want although they subscribe automatically.
    var declined: Set<TrackID> = []
    var subscriptionRule = SubscriptionRule(everyone: true)

    let publisher: TransportID
    let subscriber: TransportID
    var publisherNegotiation: PublisherNegotiation
    var subscriberNegotiation: SubscriberNegotiation
    var connectionQuality = ConnectionQualityMeter()

    init(
        _ request: JoinRequest, room: Room, joinedAt: Int64, icePreference: ICEPreference,
        publisher: (id: TransportID, negotiation: PublisherNegotiation),
        subscriber: (id: TransportID, negotiation: SubscriberNegotiation)
    ) {
        self.room = room
        self.joinedAt = joinedAt
        self.icePreference = icePreference
        identity = request.identity
        autoSubscribe = request.autoSubscribe
        streamsByTrack = request.streamsByTrack
        name = request.name
        metadata = request.metadata
        attributes = request.attributes
        permission = request.permission
        self.publisher = publisher.id
        self.subscriber = subscriber.id
        publisherNegotiation = publisher.negotiation
        subscriberNegotiation = subscriber.negotiation
    }

    /// To be called after every change that others can see.
    func touch() { version += 1 }

    /// What others see: tracks whose media is negotiated.
    var state: ParticipantState {
        ParticipantState(
            id: id, identity: identity, name: name, metadata: metadata, attributes: attributes, stage: stage,
            joinedAt: joinedAt, permission: permission,
            tracks: publicationOrder.compactMap { publications[$0] }.filter { $0.media != nil }.map(\.state),
            version: version, leaveReason: nil)
    }

    /// Tracks whose media the next offer may bring.
    var announced: [PublisherNegotiation.Announced] {
        publicationOrder.compactMap { publications[$0] }.filter { $0.media == nil }.map(\.announced)
    }

    /// Whether this publisher lets `viewer` have a track.
    func allows(_ viewer: Participant, _ track: TrackID) -> Bool {
        subscriptionRule.allows(viewer.id, viewer.identity, track)
    }
}
