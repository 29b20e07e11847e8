import Media

/// Where a captured keyframe goes. One that is dropped unanswered says that there is none.
final class KeyframeReply: Sendable {
    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ continuation: AsyncStream<[UInt8]>.Continuation) {
        self.continuation = continuation
    }

    deinit { continuation.finish() }

    func deliver(_ frame: [UInt8]) {
        continuation.yield(frame)
        continuation.finish()
    }
}

/// The keyframes of one publisher that somebody waits for.
struct KeyframeCaptures {
    /// Waits at once; a further one ends the oldest.
    static let capacity = 8

    private struct Wait {
        var track: TrackID
        var capture: KeyframeCapture
        var deadline: Instant
        var reply: KeyframeReply
    }

    private var waits: [Wait] = []

    var isEmpty: Bool { waits.isEmpty }

    mutating func add(_ track: TrackID, _ ring: PacketRing, until deadline: Instant, _ reply: KeyframeReply) {
        if waits.count >= Self.capacity { waits.removeFirst() }
        waits.append(Wait(track: track, capture: KeyframeCapture(ring), deadline: deadline, reply: reply))
    }

    mutating func remove(_ track: TrackID) { waits.removeAll { $0.track == track } }

    mutating func advance(to now: Instant) {
        guard !waits.isEmpty else { return }
        for index in waits.indices.reversed() {
            if let frame = waits[index].capture.poll() {
                waits.remove(at: index).reply.deliver(frame)
            } else if now >= waits[index].deadline {
                waits.remove(at: index)
            }
        }
    }
}
