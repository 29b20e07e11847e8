import Media

/// A track as a viewer's connection is to carry it, after the viewer's answer.
struct OutgoingTrack: Sendable {
    var feed: TrackFeed
    /// The publisher: streams of one name share a clock (RFC 3550 §6.5.1).
    var cname: String
    var configuration: Subscription.Configuration
    var wanted: LayerSelector.Wanted
    /// Pixels of each layer, low to high; 0 where unknown.
    var sizes: [(width: Int, height: Int)]
    var isScreenShare = false
}

/// What one viewer's connection carries out: its subscriptions, and the feedback that comes back for them.
final class OutgoingTracks {
    struct Entry {
        let fanout: Fanout
        let cname: String
        let subscription: Subscription
        let isScreenShare: Bool
        /// The ring and index of the keyframe that was last started from, and when: it does not serve twice in a row.
        var started: (layer: Int, keyframe: Int64, at: Instant)?
        /// When its first picture began, if that was a cached one.
        var began: Instant?
        /// When a keyframe was last wished for, to be live sooner.
        var wished: Instant?

        var feed: TrackFeed { fanout.feed }
    }

    var line = ViewerLine()
    var entries: [TrackID: Entry] = [:]
    /// Shared by all tracks that are behind; there while any is.
    var pacer: Pacer?
    /// When those that are behind are sent more; nil while all are live.
    var nextSend: Instant?
    /// Something other than a round has changed what the next one has to do.
    var isUnsettled = false
    private var bySSRC: [UInt32: TrackID] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var tracks: [TrackID] { Array(entries.keys) }
    func feed(of track: TrackID) -> TrackFeed? { entries[track]?.feed }
    func subscription(to track: TrackID) -> Subscription? { entries[track]?.subscription }

    /// A viewer's connection carries `fanout`'s track from now on, but nothing begins before it can send.
    func add(_ track: OutgoingTrack, from fanout: Fanout) -> Subscription {
        var random = SystemRandom()
        let subscription = Subscription(track.configuration, using: &random)
        for (layer, size) in track.sizes.enumerated() where size.width > 0 {
            subscription.setSize(of: layer, width: size.width, height: size.height)
        }
        subscription.setWanted(track.wanted)
        for (layer, ring) in track.feed.rings.enumerated() {
            if let report = ring.latestSenderReport { subscription.note(report, layer: layer) }
            if let newest = ring.newestMedia { subscription.observe(layer, arrival: newest.arrival) }
        }
        subscription.hold()
        entries[track.feed.track] = Entry(
            fanout: fanout, cname: track.cname, subscription: subscription, isScreenShare: track.isScreenShare)
        line.nextAllocation = nil
        bySSRC[track.configuration.ssrc] = track.feed.track
        return subscription
    }

    func remove(_ track: TrackID) -> (feed: TrackFeed, subscription: Subscription)? {
        guard let entry = entries.removeValue(forKey: track) else { return nil }
        bySSRC[entry.subscription.configuration.ssrc] = nil
        return (entry.feed, entry.subscription)
    }

    func setWanted(_ track: TrackID, _ wanted: LayerSelector.Wanted) {
        entries[track]?.subscription.setWanted(wanted)
        line.nextAllocation = nil
    }

    /// Carries out what a viewer's RTCP asks for.
    func receive(_ packets: [RTCPPacket], on transport: Transport, now: Instant, outbox: Outbox) {
        for packet in packets {
            switch packet {
            case .receiverReport(let report):
                receive(report.reports, on: transport, now: now, outbox: outbox)
            case .senderReport(let report):
                receive(report.reports, on: transport, now: now, outbox: outbox)
            case .nack(let nack):
                guard let entry = entry(nack.mediaSSRC) else { continue }
                outbox.counters.nacksReceived &+= UInt64(nack.sequenceNumbers.count)
                resend(nack.sequenceNumbers, entry, on: transport, now: now, outbox: outbox)
            case .pictureLossIndication(let loss):
                pictureLost(loss.mediaSSRC, now: now, outbox: outbox)
            case .fullIntraRequest(let request):
                for item in request.entries { pictureLost(item.ssrc, now: now, outbox: outbox) }
            case .transportFeedback(let feedback):
                receive(feedback, on: transport, now: now, outbox: outbox)
            case .remb(let remb):
                receive(remb, on: transport, now: now, outbox: outbox)
            default:
                continue
            }
        }
    }

    /// Between two rounds at least, and at most.
    private static let interval = (least: Duration.milliseconds(50), most: Duration.milliseconds(500))

    /// When `advance` has something to do, if nothing changes before. Who is behind is looked after often.
    func nextRound(after now: Instant) -> Instant {
        guard pacer == nil else { return now + Self.interval.least }
        var next = min(line.nextAllocation ?? now, now + Self.interval.most)
        for entry in entries.values {
            if let timeout = entry.subscription.nextTimeout(after: now) { next = min(next, timeout) }
        }
        return max(next, now + Self.interval.least)
    }

    /// Sender reports that are due, and what the subscriptions want done.
    func advance(to now: Instant, on transport: Transport, outbox: Outbox) {
        isUnsettled = false
        if transport.isReady {
            // Nothing that was settled before counts: now there is a line to look at.
            if !line.isReady { line.nextAllocation = nil }
            line.isReady = true
            for entry in entries.values { entry.subscription.release() }
        }
        allocateIfDue(now, on: transport, outbox: outbox)
        var packets: [RTCPPacket] = []
        for (track, entry) in entries {
            let effects = entry.subscription.advance(to: now)
            if let layer = effects.requestKeyframe, !startFromCache(track, wanting: layer, now: now, outbox: outbox) {
                outbox.keyframeRequests.append(
                    KeyframeRequest(publisher: entry.feed.publisher, track: track, layer: layer))
            }
            if let layer = lateLayer(track, now: now) {
                outbox.keyframeRequests.append(
                    KeyframeRequest(publisher: entry.feed.publisher, track: track, layer: layer, isPatient: true))
            }
            if let state = effects.state {
                outbox.events.append(.streamState(transport.setup.id, track, isPaused: state == .paused))
            }
            if let report = entry.subscription.pollSenderReport(now) {
                let ssrc = entry.subscription.configuration.ssrc
                packets.append(.senderReport(report))
                packets.append(.sourceDescription(SourceDescription(chunks: [.init(ssrc: ssrc, cname: entry.cname)])))
            }
            if packets.count >= 20 {
                transport.send(rtcp: packets, outbox: outbox)
                packets = []
            }
        }
        if !packets.isEmpty { transport.send(rtcp: packets, outbox: outbox) }
    }

    private func entry(_ ssrc: UInt32) -> Entry? {
        bySSRC[ssrc].flatMap { entries[$0] }
    }

    private func receive(_ blocks: [ReportBlock], on transport: Transport, now: Instant, outbox: Outbox) {
        var worst: Float = 0
        var isOurs = false
        for block in blocks {
            guard let entry = entry(block.ssrc) else { continue }
            entry.subscription.receive(block, now: now)
            isOurs = true
            worst = max(worst, entry.subscription.statistics.fractionLost)
        }
        if isOurs {
            // That nothing is lost need not be said: it makes no grade worse.
            if worst > 0 { outbox.events.append(.quality(transport.setup.id, loss: worst)) }
            receive(fractionLost: Double(worst), now: now)
        }
    }

    private func resend(
        _ sequences: [UInt16], _ entry: Entry, on transport: Transport, now: Instant, outbox: Outbox
    ) {
        let refused = entry.subscription.statistics.refusedRetransmissions
        let resends = entry.subscription.receive(
            nack: sequences, lineRoundTrip: line.control.roundTrip, now: now)
        outbox.counters.count(
            .retransmissionRefused, entry.subscription.statistics.refusedRetransmissions &- refused)
        for rewrite in resends {
            let ring = entry.feed.rings[Int(rewrite.layer)]
            guard let info = ring.info(at: rewrite.index) else { continue }
            transport.send(rewrite, of: info, in: ring, arrival: nil, outbox: outbox)
            // What waits has to wait longer for it: the line is one.
            pacer?.spend(info.byteCount + CatchUp.packetOverhead)
            outbox.counters.retransmissions &+= 1
        }
    }

    private func pictureLost(_ ssrc: UInt32, now: Instant, outbox: Outbox) {
        guard let track = bySSRC[ssrc], let entry = entries[track] else { return }
        outbox.counters.pictureLossReceived &+= 1
        guard let layer = entry.subscription.receivePictureLoss(now) else {
            outbox.counters.count(.pictureLossRefused)
            return
        }
        guard !repairFromCache(track, layer: layer, now: now, outbox: outbox) else { return }
        outbox.keyframeRequests.append(KeyframeRequest(publisher: entry.feed.publisher, track: track, layer: layer))
    }
}
