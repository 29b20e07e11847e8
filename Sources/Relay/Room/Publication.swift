/// A track that a participant announced or publishes, as the control plane keeps it.
final class Publication {
    var state: TrackState
    let clientID: String
    /// Set once its media is negotiated.
    var feed: TrackFeed?
    var media: PublisherNegotiation.Started?
    /// Viewers who have it.
    var subscribers: Set<ParticipantID> = []
    /// The server muted it, and its publisher has not spoken since.
    var isMutedByServer = false
    /// Of a track with layers to switch off; nil before its media is negotiated.
    var demand: LayerDemand?

    init(_ request: TrackRequest, id: TrackID) {
        clientID = request.clientID
        let layers = request.layers.sorted { $0.quality < $1.quality }
        state = TrackState(
            id: id, kind: request.kind, source: request.source, name: request.name, isMuted: request.isMuted,
            width: request.width, height: request.height, layers: layers, isSimulcast: layers.count > 1, mimeType: "",
            mid: "", stream: request.stream, isStereo: request.isStereo, disablesDTX: request.disablesDTX,
            disablesRED: request.disablesRED, encryption: request.encryption)
    }

    var announced: PublisherNegotiation.Announced {
        PublisherNegotiation.Announced(
            track: state.id, clientID: clientID, kind: state.kind, layerCount: max(1, state.layers.count),
            // What is encrypted end to end cannot be taken apart for viewers who read plain packets only.
            allowsRedundancy: state.kind == .audio && !state.disablesRED && state.encryption == 0)
    }

    /// What the track is played in step with: the publisher's word, else by source.
    var streamName: String {
        if !state.stream.isEmpty { return state.stream }
        return switch state.source {
        case .camera, .microphone: "camera"
        case .screenShare, .screenShareAudio: "screen_share"
        case .unknown: state.id.rawValue
        }
    }

    /// Pixels of each layer that is sent, low to high, as far as the publisher said.
    var layerSizes: [(width: Int, height: Int)] {
        guard let media, media.rids.count == state.layers.count else { return [] }
        return state.layers.map { ($0.width, $0.height) }
    }

    /// The highest layer that a viewer with such a wish can make use of; nil: none.
    func layer(for wanted: LayerSelector.Wanted) -> Int? {
        guard let demand else { return nil }
        let sizes = layerSizes.map { Optional($0) }
        let unknown = [(width: Int, height: Int)?](repeating: nil, count: demand.layerCount)
        return wanted.highestLayer(among: sizes.isEmpty ? unknown : sizes)
    }
}
