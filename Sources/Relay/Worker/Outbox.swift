import Media

/// Where everything that runs on a worker puts its effects: datagrams to send, events for the control plane, and
/// keyframe requests for publishers that may live elsewhere. One a worker.
final class Outbox {
    private var batch: SendBatch
    var counters = WorkerCounters()
    var events: [WorkerEvent] = []
    var keyframeRequests: [KeyframeRequest] = []
    /// Tracks whose rings hold something new since the last forwarding.
    var freshTracks: [TrackFeed] = []

    init(descriptor: Int32) {
        batch = SendBatch(descriptor: descriptor)
    }

    func send(_ datagram: [UInt8], to address: TransportAddress) {
        guard datagram.count <= SendBatch.slotSize else { return }
        let slot = nextSlot()
        datagram.withUnsafeBytes { slot.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        batch.commit(length: datagram.count, to: address, arrival: nil)
    }

    /// Memory for one outgoing packet, `SendBatch.slotSize` bytes; hand it over with `commit` or leave it.
    @inline(__always)
    func nextSlot() -> UnsafeMutableRawPointer {
        if batch.isFull { flush() }
        return batch.nextSlot
    }

    @inline(__always)
    func commit(length: Int, to address: TransportAddress, arrival: Instant? = nil) {
        batch.commit(length: length, to: address, arrival: arrival)
    }

    func flush() {
        batch.flush(counting: &counters)
    }
}

/// A viewer waits for a keyframe of a layer.
struct KeyframeRequest: Sendable {
    var publisher: TransportID
    var track: TrackID
    var layer: Int
}
