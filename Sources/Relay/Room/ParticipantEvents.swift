/// What waits to be told to one participant. A signalling connection that does not keep up may fall `capacity` events
/// behind; after that nothing more is taken, since a client that missed one is in no known state, and the participant
/// is put out with the next tick.
///
/// While nobody reads, events vanish: who comes back is told how things are. What cannot be asked of anything else is
/// remembered here for that.
final class ParticipantEvents {
    static let capacity = 4096

    private var reader: AsyncStream<ParticipantEvent>.Continuation?
    private(set) var hasOverflowed = false
    /// As last told; no more than there are tracks.
    private var qualities: [TrackID: [VideoQuality: Bool]] = [:]
    private var paused: [TrackID: StreamState] = [:]

    /// Events from now on, for a new reader. The former one is told that it has been superseded.
    func attach() -> AsyncStream<ParticipantEvent> {
        reader?.yield(.superseded)
        reader?.finish()
        let (stream, reader) = AsyncStream.makeStream(
            of: ParticipantEvent.self, bufferingPolicy: .bufferingOldest(Self.capacity))
        self.reader = reader
        hasOverflowed = false
        return stream
    }

    /// Nobody reads until `attach` is called again.
    func detach() {
        reader?.finish()
        reader = nil
        hasOverflowed = false
    }

    func yield(_ event: ParticipantEvent) {
        remember(event)
        guard !hasOverflowed, let reader else { return }
        if case .dropped = reader.yield(event) { hasOverflowed = true }
    }

    /// Tells again what still holds.
    func repeatLasting() {
        for (track, qualities) in qualities { yield(.subscribedQuality(track, qualities)) }
        if !paused.isEmpty { yield(.streamState(Array(paused.values))) }
    }

    private func remember(_ event: ParticipantEvent) {
        switch event {
        case .subscribedQuality(let track, let told): qualities[track] = told
        case .trackUnpublished(let track): qualities[track] = nil
        case .streamState(let states):
            for state in states { paused[state.track] = state.isPaused ? state : nil }
        default: break
        }
    }

    /// A track is no longer received, or no longer published.
    func forget(_ track: TrackID) {
        qualities[track] = nil
        paused[track] = nil
    }
}
