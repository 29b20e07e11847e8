import Logging
import Relay

/// The pictures of streams: uploaded, or made from a keyframe while live.
struct Thumbnails: Sendable {
    /// The next keyframe of a host's picture as WebP; nil when none came.
    typealias Keyframe =
        @Sendable (_ hostID: String, _ source: TrackSource, _ patience: Duration, _ asking: Bool) async
        -> [UInt8]?

    let store: Store
    let logger: Logger
    let pace: PicturePace
    let keyframe: Keyframe

    init(store: Store, logger: Logger, pace: PicturePace = PicturePace(), keyframe: @escaping Keyframe) {
        self.store = store
        self.logger = logger
        self.pace = pace
        self.keyframe = keyframe
    }

    init(store: Store, relay: Relay, logger: Logger) {
        self.init(store: store, logger: logger) { hostID, source, patience, asking in
            await relay.keyframe(of: hostID, in: hostID, source: source, within: patience, asking: asking)
        }
    }

    /// Makes pictures of each host's video for as long as there is any, until the relay is shut down or the task is
    /// cancelled.
    func run(_ events: AsyncStream<RelayEvent>) async {
        var makers: [String: (track: TrackID, task: Task<Void, Never>)] = [:]
        for await event in events {
            switch event {
            case .trackPublished(let room, let participant, let track):
                guard participant.identity == room.name, Self.isPicture(track) else { continue }
                // A shared screen is what is talked about; the camera comes back when it ends.
                if let known = makers[room.name] {
                    guard track.source == .screenShare else { continue }
                    known.task.cancel()
                }
                makers[room.name] = (track.id, Task { await make(room.name, track.source) })
            case .trackUnpublished(let room, let participant, let track):
                guard let known = makers[room.name], known.track == track.id else { continue }
                known.task.cancel()
                makers[room.name] = nil
                guard let other = participant.tracks.first(where: { $0.id != track.id && Self.isPicture($0) }) else {
                    continue
                }
                makers[room.name] = (other.id, Task { await make(room.name, other.source) })
            case .roomFinished(let room):
                makers.removeValue(forKey: room.name)?.task.cancel()
            case .roomStarted, .participantJoined, .participantLeft, .mediaStarted, .mediaStopped:
                continue
            }
        }
        for maker in makers.values { maker.task.cancel() }
        for maker in makers.values { await maker.task.value }
    }

    private static func isPicture(_ track: TrackState) -> Bool {
        track.kind == .video && (track.source == .camera || track.source == .screenShare)
    }

    /// One picture after the other until cancelled.
    private func make(_ hostID: String, _ source: TrackSource) async {
        var pace = pace
        // Rooms of others, who use the relay through its own API, have nobody to keep a picture for.
        guard (try? await store.stream(of: hostID)) != nil else { return }
        while !Task.isCancelled {
            let start = ContinuousClock.now
            let bytes = await keyframe(hostID, source, pace.interval, pace.asks(at: start))
            if let bytes { await keep(bytes, of: hostID) }
            let next = pace.next(after: start, madePicture: bytes == nil ? nil : .now)
            try? await Task.sleep(until: next)
        }
    }

    private func keep(_ bytes: [UInt8], of hostID: String) async {
        let picture = Thumbnail(kind: .live, contentType: ImageHeader.Format.webp.contentType, bytes: bytes)
        do {
            try await store.write { try $0.put(picture, of: hostID, at: WallClock.now()) }
        } catch {
            logger.warning("a live picture was not kept", metadata: ["host": "\(hostID)", "error": "\(error)"])
        }
    }
}
