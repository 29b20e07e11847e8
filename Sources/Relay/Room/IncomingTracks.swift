import Media

/// A track as a publisher's connection carries it, after negotiation.
struct IncomingTrack: Sendable {
    var feed: TrackFeed
    var mid: String
    var payloadType: UInt8
    var rtxPayloadType: UInt8?
    var redundancy: Redundancy?
    /// Low to high, one a layer; a single "" without simulcast.
    var rids: [String]
    /// What the description says of SSRCs; simulcast is recognised by its header extensions instead.
    var ssrcs: [UInt32: StreamRole]
    var sendsNack: Bool
    /// The publisher is to be told what it may send.
    var sendsREMB = false
    var extensions: IncomingExtensions

    /// Whether packets of this payload type carry the track's media itself.
    @inline(__always)
    func carriesMedia(_ type: UInt8) -> Bool { type == payloadType || type == redundancy?.payloadType }
}

/// Which part of a track an SSRC carries.
struct StreamRole: Sendable, Hashable {
    var layer: Int
    var isRetransmission: Bool
}

/// The header extension identifiers of a publisher's connection; 0: not negotiated.
struct IncomingExtensions: Sendable {
    var mid: UInt8 = 0
    var rid: UInt8 = 0
    var repairedRID: UInt8 = 0
    var transportWideCC: UInt8 = 0
    /// What is passed on to viewers.
    var forwarded = ExtensionMap()
}

/// What one publisher's connection carries in: finds the layer each packet belongs to, and answers the publisher with
/// reports, NACKs, keyframe requests and transport-wide feedback.
final class IncomingTracks {
    private final class Entry {
        let track: IncomingTrack
        let layers: [IncomingLayer]
        /// Content came not long ago, or the track is muted.
        var isFlowing = false
        var isMuted = false
        /// When content could be expected again.
        var unmutedAt: Instant?
        var announcedLevel: Float = 0

        init(_ track: IncomingTrack) {
            self.track = track
            layers = track.feed.rings.map { ring in
                IncomingLayer(
                    ring: ring,
                    configuration: IncomingLayer.Configuration(
                        codec: track.feed.codec, clockRate: track.feed.clockRate,
                        extensions: track.extensions.forwarded, sendsNack: track.sendsNack,
                        redundancy: track.redundancy))
            }
        }
    }

    private struct Stream {
        let entry: Entry
        let layer: IncomingLayer
        let isRetransmission: Bool
    }

    /// SSRCs that one connection may use, over all its tracks and their reincarnations.
    private static let maximumStreams = 128
    /// A track that is not muted and without content for this long is not flowing.
    private static let mediaPause = Duration.seconds(2)
    private static let reportInterval = Duration.seconds(1)
    private static let levelInterval = Duration.milliseconds(300)
    /// How often it is looked whether a keyframe that somebody waits for is whole.
    private static let captureInterval = Duration.milliseconds(10)
    /// The SSRC that our own RTCP toward publishers comes from.
    private static let ownSSRC: UInt32 = 1

    private var entries: [TrackID: Entry] = [:]
    private var streams: [UInt32: Stream] = [:]
    /// SSRCs in the order they came, to forget the oldest.
    private var streamOrder: [UInt32] = []
    private var feedback = TransportFeedbackBuilder(senderSSRC: ownSSRC, mediaSSRC: 0)
    private var transportWideCC: UInt8 = 0
    private var uplink = UplinkEstimate()
    private var captures = KeyframeCaptures()
    private var nextReport: Instant?
    private var nextLevels: Instant?
    /// When `advance` has something to do; nil: never.
    private(set) var nextTimeout: Instant?

    private func hasten(_ due: Instant?) { nextTimeout = Instant.earliest(nextTimeout, due) }

    func add(_ track: IncomingTrack, now: Instant) {
        remove(track.feed.track)
        let entry = Entry(track)
        entries[track.feed.track] = entry
        for (ssrc, role) in track.ssrcs { bind(ssrc, to: entry, role) }
        if track.extensions.transportWideCC != 0 { transportWideCC = track.extensions.transportWideCC }
        nextReport = nextReport ?? now
        nextLevels = nextLevels ?? now
        hasten(now)
    }

    /// Ends a track; returns the SSRCs that were its own.
    @discardableResult
    func remove(_ track: TrackID) -> [UInt32] {
        captures.remove(track)
        guard let entry = entries.removeValue(forKey: track) else { return [] }
        let freed = streams.filter { $0.value.entry === entry }.map(\.key)
        for ssrc in freed { streams[ssrc] = nil }
        streamOrder.removeAll { streams[$0] == nil }
        return freed
    }

    /// What a muted track's publisher sends all the same goes no further. Video goes on with a keyframe.
    func setMuted(_ track: TrackID, _ isMuted: Bool, now: Instant, on transport: Transport, outbox: Outbox) {
        guard let entry = entries[track], entry.isMuted != isMuted else { return }
        entry.isMuted = isMuted
        // What is withheld from now on is missing from what came before; nobody is to start there.
        for layer in entry.layers { layer.ring.forgetKeyframe() }
        guard !isMuted else { return startFlow(entry, outbox: outbox) }
        entry.unmutedAt = now
        for layer in entry.layers.indices {
            requestKeyframe(track, layer: layer, now: now, on: transport, outbox: outbox)
        }
    }

    // MARK: - RTP

    /// One packet in the clear; returns its SSRC when no track claims it.
    func receive(_ start: UnsafeMutableRawPointer, _ length: Int, arrival: Instant, outbox: Outbox) -> UInt32? {
        let packet = UnsafeRawBufferPointer(start: start, count: length).bytes
        guard var header = try? RTPHeader(parsing: packet) else {
            outbox.counters.count(.malformed)
            return nil
        }
        if transportWideCC != 0, let element = header.extensions(of: packet).find(id: transportWideCC),
            element.length >= 2
        {
            let sequence = UInt16(bigEndian: (start + element.offset).loadUnaligned(as: UInt16.self))
            feedback.mediaSSRC = header.ssrc
            feedback.record(transportSequence: sequence, arrival: arrival)
            hasten(feedback.nextTimeout)
        }
        guard let stream = streams[header.ssrc] ?? identify(header, packet) else {
            outbox.counters.count(.unknownStream)
            return header.ssrc
        }
        guard
            stream.isRetransmission
                ? header.payloadType == stream.entry.track.rtxPayloadType
                : stream.entry.track.carriesMedia(header.payloadType)
        else {
            outbox.counters.count(.unknownStream)
            return nil
        }
        if stream.entry.isMuted {
            // Numbered like the rest, so that viewers see no loss, but with nothing in it.
            header.payloadLength = stream.isRetransmission ? min(RTX.headerLength, header.payloadLength) : 0
        }
        let effects = stream.layer.receive(
            packet, header: header, arrival: arrival, isRetransmission: stream.isRetransmission)
        hasten(stream.layer.nextTimeout)
        guard effects.stored else {
            outbox.counters.count(.notUseful)
            return nil
        }
        outbox.note(stream.layer, of: stream.entry.track.feed)
        // Padding, and what is sent for a muted track, has no content: it leaves the layer's last packet as it was.
        if stream.layer.lastPacket == arrival { startFlow(stream.entry, outbox: outbox) }
        return nil
    }

    private func startFlow(_ entry: Entry, outbox: Outbox) {
        guard !entry.isFlowing else { return }
        entry.isFlowing = true
        outbox.events.append(.mediaStarted(entry.track.feed.publisher, entry.track.feed.track))
    }

    /// Finds out what a new SSRC carries by its mid and rid (RFC 8843 §9.2, RFC 8852), or by its payload type when only
    /// one track has it.
    private func identify(_ header: RTPHeader, _ packet: RawSpan) -> Stream? {
        for entry in entries.values {
            let track = entry.track
            let isRetransmission = header.payloadType == track.rtxPayloadType
            guard isRetransmission || track.carriesMedia(header.payloadType) else { continue }
            if let mid = text(track.extensions.mid, header, packet) {
                guard mid == track.mid else { continue }
            } else if track.rids.count == 1 {
                let others = entries.values.filter {
                    $0.track.carriesMedia(header.payloadType) || $0.track.rtxPayloadType == header.payloadType
                }
                guard others.count == 1 else { continue }
            }
            var layer = 0
            if track.rids.count > 1 {
                let element = isRetransmission ? track.extensions.repairedRID : track.extensions.rid
                guard let rid = text(element, header, packet), let index = track.rids.firstIndex(of: rid) else {
                    continue
                }
                layer = index
            }
            return bind(header.ssrc, to: entry, StreamRole(layer: layer, isRetransmission: isRetransmission))
        }
        return nil
    }

    private func text(_ id: UInt8, _ header: RTPHeader, _ packet: RawSpan) -> String? {
        guard id != 0, let element = header.extensions(of: packet).find(id: id) else { return nil }
        return packet.extracting(element.offset..<element.offset + element.length).withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @discardableResult
    private func bind(_ ssrc: UInt32, to entry: Entry, _ role: StreamRole) -> Stream {
        let stream = Stream(
            entry: entry, layer: entry.layers[role.layer], isRetransmission: role.isRetransmission)
        if streams.updateValue(stream, forKey: ssrc) == nil {
            streamOrder.append(ssrc)
            if streamOrder.count > Self.maximumStreams { streams[streamOrder.removeFirst()] = nil }
        }
        return stream
    }

    // MARK: - RTCP

    func receive(_ packets: [RTCPPacket], arrival: Instant, outbox: Outbox) {
        for case .senderReport(let report) in packets {
            guard let stream = streams[report.ssrc], !stream.isRetransmission else { continue }
            stream.layer.receive(report, arrival: arrival)
            outbox.note(stream.layer, of: stream.entry.track.feed)
        }
    }

    /// A viewer waits for a keyframe; the layer's gate decides whether the publisher is asked.
    func requestKeyframe(
        _ track: TrackID, layer: Int, isPatient: Bool = false, now: Instant, on transport: Transport, outbox: Outbox
    ) {
        guard let entry = entries[track], entry.layers.indices.contains(layer) else { return }
        // A layer that has not begun will begin with a keyframe; asking would only make the gate wait.
        guard let ssrc = entry.layers[layer].ssrc else { return }
        let isToBeAsked = entry.layers[layer].requestKeyframe(now, isPatient: isPatient)
        hasten(entry.layers[layer].nextTimeout)
        guard isToBeAsked else { return }
        outbox.counters.keyframeRequestsSent &+= 1
        transport.send(rtcp: [pictureLoss(ssrc)], outbox: outbox)
    }

    /// Takes the next keyframe of the lowest layer that flows; of the lowest when none does yet. Returns which that is.
    func captureKeyframe(_ track: TrackID, within patience: Duration, now: Instant, _ reply: KeyframeReply) -> Int? {
        guard let entry = entries[track] else { return nil }
        let flowing = entry.layers.firstIndex { layer in layer.lastPacket.map { now - $0 <= Self.mediaPause } ?? false }
        captures.add(track, entry.layers[flowing ?? 0].ring, until: now + patience, reply)
        hasten(now + Self.captureInterval)
        return flowing ?? 0
    }

    private func pictureLoss(_ ssrc: UInt32) -> RTCPPacket {
        .pictureLossIndication(PictureLossIndication(senderSSRC: Self.ownSSRC, mediaSSRC: ssrc))
    }

    // MARK: - Time

    func advance(to now: Instant, on transport: Transport, outbox: Outbox) {
        captures.advance(to: now)
        defer { nextTimeout = due(after: now) }
        guard let nextReport, let nextLevels else { return }
        var packets: [RTCPPacket] = []
        for entry in entries.values {
            for layer in entry.layers {
                let effects = layer.advance(to: now)
                guard let ssrc = layer.ssrc else { continue }
                if !effects.nack.isEmpty {
                    outbox.counters.nacksSent &+= UInt64(effects.nack.count)
                    packets.append(
                        .nack(Nack(senderSSRC: Self.ownSSRC, mediaSSRC: ssrc, sequenceNumbers: effects.nack)))
                }
                if effects.requestKeyframe {
                    outbox.counters.keyframeRequestsSent &+= 1
                    packets.append(pictureLoss(ssrc))
                }
            }
        }
        if now >= nextReport {
            self.nextReport = now + Self.reportInterval
            packets.insert(contentsOf: reports(now, on: transport, outbox: outbox), at: 0)
            checkFlow(now, outbox: outbox)
        }
        if now >= nextLevels {
            self.nextLevels = now + Self.levelInterval
            announceLevels(outbox: outbox)
            for entry in entries.values {
                for (layer, rates) in zip(entry.layers, entry.track.feed.rates) { rates.store(layer.readRates(now)) }
            }
        }
        // A transport feedback may end in padding, so it is sent by itself.
        if !packets.isEmpty { transport.send(rtcp: packets, outbox: outbox) }
        while let report = feedback.poll(now) {
            transport.send(rtcp: [.transportFeedback(report)], outbox: outbox)
        }
    }

    private func due(after now: Instant) -> Instant? {
        guard !entries.isEmpty else { return nil }
        var due = Instant.earliest(Instant.earliest(nextReport, nextLevels), feedback.nextTimeout)
        if !captures.isEmpty { due = Instant.earliest(due, now + Self.captureInterval) }
        for entry in entries.values {
            for layer in entry.layers { due = Instant.earliest(due, layer.nextTimeout) }
        }
        return due
    }

    private func reports(_ now: Instant, on transport: Transport, outbox: Outbox) -> [RTCPPacket] {
        let blocks = entries.values.flatMap { $0.layers.compactMap { $0.reportBlock(now) } }
        guard !blocks.isEmpty else { return [] }
        let worst = blocks.map(\.fractionLost).max() ?? 0
        if worst > 0 { outbox.events.append(.quality(transport.setup.id, loss: Float(worst) / 256)) }
        return [
            .receiverReport(ReceiverReport(ssrc: Self.ownSSRC, reports: Array(blocks.prefix(31)))),
            .sourceDescription(SourceDescription(chunks: [.init(ssrc: Self.ownSSRC, cname: "golive")])),
        ] + estimate(loss: Double(worst) / 256, now)
    }

    /// For publishers that find out nothing themselves.
    private func estimate(loss: Double, _ now: Instant) -> [RTCPPacket] {
        let layers = entries.values.filter(\.track.sendsREMB).flatMap(\.layers)
        let ssrcs = layers.compactMap(\.ssrc)
        guard !ssrcs.isEmpty else { return [] }
        uplink.update(loss: loss, arriving: layers.reduce(0) { $0 + $1.bitrate(now) })
        return [.remb(REMB(senderSSRC: Self.ownSSRC, bitrate: UInt64(uplink.rate), ssrcs: ssrcs))]
    }

    private func checkFlow(_ now: Instant, outbox: Outbox) {
        for (track, entry) in entries where entry.isFlowing && !entry.isMuted {
            let signs = entry.layers.compactMap(\.lastPacket) + [entry.unmutedAt].compactMap(\.self)
            guard let last = signs.max(), now - last > Self.mediaPause else { continue }
            entry.isFlowing = false
            outbox.events.append(.mediaStopped(entry.track.feed.publisher, track))
        }
    }

    private func announceLevels(outbox: Outbox) {
        for (track, entry) in entries where entry.track.feed.codec == .audio {
            let meter = entry.layers[0].audioLevel
            let level = meter.isActive ? meter.level : 0
            guard level > 0 || entry.announcedLevel > 0 else { continue }
            entry.announcedLevel = level
            outbox.events.append(
                .audioLevel(entry.track.feed.publisher, track, level, isActive: meter.isActive))
        }
    }
}
