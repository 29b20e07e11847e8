/// What waits to be told to one participant. A signalling connection that does not keep up may fall `capacity` events
/// behind; after that nothing more is taken, since a client that missed one is in no known state, and the participant
/// is put out with the next tick.
final class ParticipantEvents {
    static let capacity = 4096

    let stream: AsyncStream<ParticipantEvent>
    private let continuation: AsyncStream<ParticipantEvent>.Continuation
    private(set) var hasOverflowed = false

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
    }

    func yield(_ event: ParticipantEvent) {
        guard !hasOverflowed else { return }
        if case .dropped = continuation.yield(event) { hasOverflowed = true }
    }

    func finish() {
        continuation.finish()
    }
}
