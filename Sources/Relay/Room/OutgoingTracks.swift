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
}

/// What one viewer's connection carries out: its subscriptions, and the feedback that comes back for them.
final class OutgoingTracks {
    private struct Entry {
        let feed: TrackFeed
        let cname: String
        let subscription: Subscription
    }

    private var entries: [TrackID: Entry] = [:]
    private var bySSRC: [UInt32: TrackID] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var tracks: [TrackID] { Array(entries.keys) }
    func feed(of track: TrackID) -> TrackFeed? { entries[track]?.feed }
    func subscription(to track: TrackID) -> Subscription? { entries[track]?.subscription }

    func add(_ track: OutgoingTrack) -> Subscription {
        var random = SystemRandomNumberGenerator()
        let subscription = Subscription(track.configuration, using: &random)
        for (layer, size) in track.sizes.enumerated() where size.width > 0 {
            subscription.setSize(of: layer, width: size.width, height: size.height)
        }
        subscription.setWanted(track.wanted)
        for (layer, ring) in track.feed.rings.enumerated() {
            if let report = ring.latestSenderReport { subscription.note(report, layer: layer) }
        }
        entries[track.feed.track] = Entry(feed: track.feed, cname: track.cname, subscription: subscription)
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
                pictureLost(loss.mediaSSRC, outbox: outbox)
            case .fullIntraRequest(let request):
                for item in request.entries { pictureLost(item.ssrc, outbox: outbox) }
            default:
                continue
            }
        }
    }

    /// Sender reports that are due, and what the subscriptions want done.
    func advance(to now: Instant, on transport: Transport, outbox: Outbox) {
        var packets: [RTCPPacket] = []
        for (track, entry) in entries {
            let effects = entry.subscription.advance(to: now)
            if let layer = effects.requestKeyframe {
                outbox.keyframeRequests.append(
                    KeyframeRequest(publisher: entry.feed.publisher, track: track, layer: layer))
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
        var roundTrip: Duration?
        var isOurs = false
        for block in blocks {
            guard let entry = entry(block.ssrc) else { continue }
            entry.subscription.receive(block, now: now)
            isOurs = true
            worst = max(worst, entry.subscription.statistics.fractionLost)
            roundTrip = entry.subscription.statistics.roundTrip ?? roundTrip
        }
        if isOurs {
            outbox.events.append(.quality(transport.setup.id, loss: worst, roundTrip: roundTrip))
        }
    }

    private func resend(
        _ sequences: [UInt16], _ entry: Entry, on transport: Transport, now: Instant, outbox: Outbox
    ) {
        for rewrite in entry.subscription.receive(nack: sequences, now: now) {
            let ring = entry.feed.rings[Int(rewrite.layer)]
            guard let info = ring.info(at: rewrite.index) else { continue }
            transport.send(rewrite, of: info, in: ring, arrival: nil, outbox: outbox)
            outbox.counters.retransmissions &+= 1
        }
    }

    private func pictureLost(_ ssrc: UInt32, outbox: Outbox) {
        guard let entry = entry(ssrc) else { return }
        outbox.counters.pictureLossReceived &+= 1
        if let layer = entry.subscription.receivePictureLoss() {
            outbox.keyframeRequests.append(
                KeyframeRequest(publisher: entry.feed.publisher, track: entry.feed.track, layer: layer))
        }
    }
}
