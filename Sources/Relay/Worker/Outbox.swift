import Media

/// Where everything that runs on a worker puts its effects: packets to send, events for the control plane, and
/// keyframe requests for publishers that may live elsewhere. One a worker. What every packet touches calls nobody, and so is
/// exempt from the run-time exclusivity checks of class properties.
final class Outbox {
    @exclusivity(unchecked) private var batch: SendBatch
    @exclusivity(unchecked) var counters = WorkerCounters()
    /// When what goes out now leaves: the last look at the clock, the worker's or after something was sent.
    @exclusivity(unchecked) var now = Instant(nanoseconds: 0)
    var events: [WorkerEvent] = []
    var keyframeRequests: [KeyframeRequest] = []
    /// Viewers whose connections are to be looked after at once, for a packet has changed what they need.
    var unsettled: [TransportID] = []
    /// Layers whose rings hold something new since the last forwarding.
    var fresh: [FreshLayer] = []

    private let streams: TCPConnections
    private let clock: () -> Instant

    /// - Parameter descriptor: the UDP socket's.
    init(descriptor: Int32, streams: TCPConnections, clock: @escaping () -> Instant = Clock.now) {
        batch = SendBatch(descriptor: descriptor)
        self.streams = streams
        self.clock = clock
    }

    func send(_ datagram: [UInt8], to address: TransportAddress) {
        guard datagram.count <= SendBatch.slotSize else { return }
        let slot = nextSlot()
        datagram.withUnsafeBytes { slot.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        commit(length: datagram.count, to: address)
    }

    /// Memory for one outgoing packet, `SendBatch.slotSize` bytes; hand it over with `commit` or leave it.
    @inline(__always)
    func nextSlot() -> UnsafeMutableRawPointer {
        if batch.isFull { flush() }
        return batch.nextSlot
    }

    @inline(__always)
    func commit(length: Int, to address: TransportAddress, arrival: Instant? = nil) {
        guard address.tcpConnection == 0 else { return commit(length: length, toStream: address.tcpConnection) }
        batch.commit(length: length, to: address, arrival: arrival)
    }

    /// The slot stays free: what was written to it is copied to where the TCP connection's packets wait.
    private func commit(length: Int, toStream number: UInt32) {
        guard streams.send(batch.nextSlot, length, to: number) else { return counters.count(.socketBufferFull) }
        counters.packetsOut &+= 1
        counters.bytesOut &+= UInt64(length)
    }

    /// The layer's ring holds something new.
    @inline(__always)
    func note(_ layer: IncomingLayer, of feed: TrackFeed) {
        if fresh.last?.layer !== layer { fresh.append(FreshLayer(layer: layer, feed: feed)) }
    }

    func flush() {
        if !batch.isEmpty {
            batch.flush(counting: &counters)
            now = max(now, clock())
        }
        streams.flush()
    }
}

/// Something of a publisher on this worker is to be forwarded.
struct FreshLayer {
    let layer: IncomingLayer
    let feed: TrackFeed
}

/// A viewer waits for a keyframe of a layer.
struct KeyframeRequest: Sendable {
    var publisher: TransportID
    var track: TrackID
    var layer: Int
    /// They have a picture, and can do without for a while.
    var isPatient = false
}
