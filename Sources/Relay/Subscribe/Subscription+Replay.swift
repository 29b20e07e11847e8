package import Media

/// Being behind: a viewer who is not live reads the ring of its layer from a place of its own, as fast as its pacer lets
/// it, until it has come to where the fan-out is. A viewer gets there by starting from a cached keyframe, or because its
/// line has to be spared.
extension Subscription {
    struct Replay: Sendable, BitwiseCopyable {
        var reader: PacketRing.Reader
        /// Where it began.
        let start: Int64
        /// What is sent lies in the past: as little of it as a decoder needs, close together in time.
        let isPast: Bool
        /// What was sent last ended a frame.
        var isBetweenFrames = true
    }

    /// The fan-out's packets of the current layer are not for this viewer yet.
    package var isBehind: Bool { replay != nil }

    /// Whether it is on its way from a cached keyframe to what is live.
    package var isCatchingUp: Bool { replay?.isPast == true }

    /// The index of the cached keyframe that it is on its way from.
    var keyframeCaughtUpFrom: Int64? { replay.flatMap { $0.isPast ? $0.start : nil } }

    /// Nothing better is waited for.
    package var isAtTarget: Bool { selector.current == selector.target }

    /// Nothing begins before `release`: the viewer's connection cannot carry anything yet.
    package func hold() { isHeld = true }

    package func release() { isHeld = false }

    /// Whether a viewer who has no picture may begin with what is cached of `layer`.
    package func mayBegin(with layer: Int) -> Bool { !isHeld && selector.mayBegin(with: layer) }

    /// What is known of a layer before any packet of it was seen: when its newest one came.
    package func observe(_ layer: Int, arrival: Instant) { selector.observe(layer, arrival: arrival) }

    /// Goes on from a cached keyframe of `layer`. Until it is live only the base temporal layer is sent.
    package func start(from start: CachedStart, layer: Int) {
        // Before the move, which begins with the temporal layer that is wanted.
        becomeLive()
        pictures.wantedTemporalLayer = 0
        move(to: layer, at: start.keyframe, live: (start.newest.timestamp, start.newest.arrival))
        let index = start.keyframe.index
        replay = Replay(reader: PacketRing.Reader(at: index), start: index, isPast: true)
    }

    /// From now on the viewer is sent what comes after `position` at its pacer's rate, everything and with its own times.
    ///
    /// - Parameter position: the fan-out's, in the ring of the current layer.
    package func fallBehind(at position: Int64) {
        guard selector.current != nil, replay == nil else { return }
        replay = Replay(reader: PacketRing.Reader(at: position), start: position, isPast: false)
        isUnsettled = true
    }

    /// The next packet that a viewer who is behind gets, and how; nil once it is live, or when it cannot go on because
    /// the ring was overwritten or the source began anew, and it needs a keyframe.
    ///
    /// - Parameters:
    ///   - ring: of the current layer.
    ///   - position: where the fan-out is in that ring.
    package func nextBehind(in ring: PacketRing, before position: Int64) -> (info: PacketInfo, rewrite: Rewrite)? {
        guard let layer = selector.current else { return nil }
        while let behind = replay {
            if behind.isPast, behind.isBetweenFrames, let start = CachedStart(ring), start.keyframe.epoch == epoch,
                start.keyframe.index > behind.reader.position, start.keyframe.index < position
            {
                // A keyframe has come since, and makes what is before it needless.
                self.start(from: start, layer: layer)
                continue
            }
            guard behind.reader.position < position else {
                becomeLive()
                return nil
            }
            guard let info = replay!.reader.next(in: ring), replay!.reader.lost == 0, info.epoch == epoch else {
                becomeLive()
                selector.lostCurrent()
                return nil
            }
            if let rewrite = rewriteBehind(info, layer: layer, ring: ring, before: position) { return (info, rewrite) }
        }
        return nil
    }

    func becomeLive() {
        guard replay != nil else { return }
        replay = nil
        pictures.wantedTemporalLayer = maximumTemporalLayer
    }

    private func rewriteBehind(
        _ info: borrowing PacketInfo, layer: Int, ring: PacketRing, before position: Int64
    ) -> Rewrite? {
        switch info.kind {
        case .padding: return skipPadding(info, layer: layer)
        // The fan-out has shown it already.
        case .senderReport: return nil
        case .media:
            var live: (timestamp: UInt32, arrival: Instant)?
            if isCatchingUp, let newest = Self.newest(in: ring, before: position) {
                live = newest.epoch == epoch ? (newest.timestamp, newest.arrival) : (info.timestamp, info.arrival)
            }
            let rewrite = pass(info, layer: layer, live: live)
            if rewrite != nil {
                statistics.replayed += 1
                replay?.isBetweenFrames = info.hasMarker
            }
            return rewrite
        }
    }

    /// What was live last: the newest packet with content that the fan-out has come to. A busy one is behind the ring's end.
    private static func newest(in ring: PacketRing, before position: Int64) -> PacketInfo? {
        guard let newest = ring.newestMedia, newest.index >= position else { return ring.newestMedia }
        for index in ((position - reach)..<position).reversed() {
            guard let info = ring.info(at: index) else { break }
            if info.kind == .media, !info.flags.contains(.late) { return info }
        }
        return newest
    }

    /// Packets without content, or late ones, that may come in a row.
    private static let reach: Int64 = 32
}
