import CPrefetch
import Media

/// One track's viewers on one worker: reads the track's rings from its own place and writes each packet for each
/// viewer straight into the send ring, sealed with that viewer's key. Viewers who are behind are passed over: they read
/// the rings from places of their own (`OutgoingTracks`).
final class Fanout {
    /// Its objects are kept by the viewer's connection, which leaves the fan-out before it lets go of them; counting
    /// references for each packet would cost more than numbering it.
    struct Viewer {
        let subscription: Unmanaged<Subscription>
        let transport: Unmanaged<Transport>
    }

    let feed: TrackFeed
    private var readers: [PacketRing.Reader]
    private var lost: [Int64]
    private var lags: [FanoutLag]
    /// How many viewers got something of each layer when it was last forwarded.
    private var reached: [Int]
    private(set) var viewers: [Viewer] = []

    init(_ feed: TrackFeed) {
        self.feed = feed
        readers = feed.rings.map { PacketRing.Reader(atEndOf: $0) }
        lost = feed.rings.map { _ in 0 }
        lags = feed.rings.map { _ in FanoutLag() }
        reached = feed.rings.map { _ in 0 }
    }

    /// What is read next of a layer's ring: where a viewer is live.
    func position(of layer: Int) -> Int64 { readers[layer].position }

    func add(_ subscription: Subscription, transport: Transport) {
        viewers.append(
            Viewer(subscription: .passUnretained(subscription), transport: .passUnretained(transport)))
    }

    func remove(_ subscription: Subscription) {
        let leaving = Unmanaged.passUnretained(subscription).toOpaque()
        viewers.removeAll { $0.subscription.toOpaque() == leaving }
    }

    /// How long the beginning of a frame may wait for the rest: less than its first packet alone takes to the viewers who got the
    /// last one of this layer, at some five microseconds each, and nothing for so few that waiting costs more than it saves.
    func patience(_ ring: PacketRing) -> Duration {
        feed.rings.firstIndex { $0 === ring }.map { Self.patience(viewers: reached[$0]) } ?? .zero
    }

    static func patience(viewers: Int) -> Duration {
        let patience = Duration.microseconds(4 * viewers)
        return patience < .microseconds(50) ? .zero : min(patience, .milliseconds(1))
    }

    /// Runs of a layer that are forwarded before others get their turn: where packets come faster than they leave, there is no end
    /// of them.
    private static let runsPerTurn = 4

    /// Forwards what is new; true when there is more. A viewer gets all of a run before the next one does, so that the kernel is
    /// handed what goes to one address together (`SendBatch`).
    func drain(into outbox: Outbox) -> Bool {
        var run = PacketRun()
        var hasMore = false
        for layer in readers.indices {
            let ring = feed.rings[layer]
            for _ in 0..<Self.runsPerTurn {
                let isLate = comesTooLate(layer, ring, outbox: outbox)
                run.fill(from: &readers[layer], of: ring, endingWithFrame: isLate)
                if run.count > 1, feed.codec.isVideo { run.equalise() }
                if run.count > 0 { reached[layer] = forward(run, layer: layer, ring: ring, outbox: outbox) }
                guard run.isFull || isLate else { break }
            }
            if readers[layer].position < ring.end { hasMore = true }
            if readers[layer].lost != lost[layer] {
                outbox.counters.count(.readerOverrun, UInt64(readers[layer].lost - lost[layer]))
                lost[layer] = readers[layer].lost
            }
        }
        return hasMore
    }

    /// Whether what is read next comes too late all the same: what can be passed over has been.
    private func comesTooLate(_ layer: Int, _ ring: PacketRing, outbox: Outbox) -> Bool {
        guard let next = ring.info(at: readers[layer].position) else { return false }
        let remedy = lags[layer].remedy(next, in: ring, isVideo: feed.codec.isVideo, now: outbox.now)
        switch remedy {
        case .none: return false
        case .wait: return true
        case .askForKeyframe:
            if reached[layer] > 0 {
                outbox.keyframeRequests.append(
                    KeyframeRequest(publisher: feed.publisher, track: feed.track, layer: layer))
            }
            return true
        case .skip(let place):
            outbox.counters.skippedPackets &+= UInt64(place.index - next.index)
            readers[layer].skip(to: place.index)
            for viewer in viewers {
                viewer.withObjects { subscription, _ in subscription.skip(to: place, layer: layer) }
            }
            return comesTooLate(layer, ring, outbox: outbox)
        }
    }

    /// Returns how many viewers got any of it.
    @inline(__always)
    private func forward(_ run: borrowing PacketRun, layer: Int, ring: PacketRing, outbox: Outbox) -> Int {
        var reached = 0
        for index in viewers.indices {
            prefetch(after: index)
            viewers[index].withObjects { subscription, transport in
                var isReached = false
                for i in 0..<run.count {
                    if forward(run[i], to: subscription, transport, layer: layer, ring: ring, outbox: outbox) {
                        isReached = true
                    }
                }
                if isReached { reached += 1 }
            }
        }
        return reached
    }

    /// False for a packet that is not for this viewer.
    @inline(__always)
    private func forward(
        _ info: borrowing PacketInfo, to subscription: Subscription, _ transport: Transport, layer: Int,
        ring: PacketRing, outbox: Outbox
    ) -> Bool {
        let rewrite = subscription.rewrite(info, layer: layer)
        if subscription.isUnsettled {
            subscription.isUnsettled = false
            outbox.unsettled.append(transport.setup.id)
        }
        guard let rewrite else { return false }
        transport.send(rewrite, of: info, in: ring, arrival: info.arrival, outbox: outbox)
        return true
    }

    /// Has the processor fetch the state of the viewers who come next, in steps: where a step's memory is stands in what
    /// the step before has fetched. With many viewers their state is out of the cache when the next packet comes.
    @inline(__always)
    private func prefetch(after index: Int) {
        if index + 3 < viewers.count { viewers[index + 3].prefetch() }
        if index + 2 < viewers.count { viewers[index + 2].prefetchEntries() }
        if index + 1 < viewers.count { viewers[index + 1].prefetchKey() }
    }
}

extension Fanout.Viewer {
    @inline(__always)
    func withObjects(_ body: (Subscription, Transport) -> Void) {
        subscription._withUnsafeGuaranteedRef { subscription in
            transport._withUnsafeGuaranteedRef { body(subscription, $0) }
        }
    }

    @inline(__always)
    func prefetch() {
        golive_prefetch(subscription.toOpaque(), Subscription.hotSize)
        golive_prefetch(transport.toOpaque(), Transport.hotSize)
    }

    @inline(__always)
    func prefetchEntries() {
        withObjects { subscription, transport in
            subscription.prefetchHistory()
            transport.sequencer.prefetch()
            if let sealer = transport.sealer {
                golive_prefetch(Unmanaged.passUnretained(sealer).toOpaque(), SRTPSealer.hotSize)
            }
        }
    }

    @inline(__always)
    func prefetchKey() {
        withObjects { $1.sealer?.prefetchKey() }
    }
}

extension Transport {
    /// Writes, seals and hands over one packet. One that was overwritten while it was read is dropped before sealing.
    @inline(__always)
    func send(_ rewrite: Rewrite, of info: PacketInfo, in ring: PacketRing, arrival: Instant?, outbox: Outbox) {
        guard let sealer, let address = selected else { return }
        let slot = outbox.nextSlot()
        let number =
            rewrite.flags.contains(.transportWide)
            ? sequencer.send(
                size: rewrite.byteCount(of: info) + rewrite.padding(of: info) + Rewrite.lineOverhead, now: outbox.now)
            : 0
        let length = rewrite.write(
            info, bytes: ring.bytes(at: info.index), transportSequence: number, into: slot)
        guard ring.isStillValid(info.index) else {
            outbox.counters.count(.readerOverrun)
            return
        }
        guard let sealed = try? sealer.seal(rtp: slot, length: length) else {
            outbox.counters.count(.malformed)
            return
        }
        outbox.commit(length: sealed, to: address, arrival: arrival)
    }

    /// Sends a packet of padding; returns its transport-wide number.
    func send(probe: Rewrite, outbox: Outbox) -> UInt16 {
        let number = sequencer.send(size: Rewrite.probeLength + Rewrite.tagLength, now: outbox.now)
        guard let sealer, let address = selected else { return number }
        let slot = outbox.nextSlot()
        let length = probe.writeProbe(transportSequence: number, into: slot)
        if let sealed = try? sealer.seal(rtp: slot, length: length) { outbox.commit(length: sealed, to: address) }
        return number
    }
}
