package import Media

/// One viewer's stream of one track: every packet of the track is shown to `rewrite`, which returns how this viewer gets
/// it, or nil. What leaves is one unbroken RTP stream under our own SSRC, whatever the publisher's layers, losses, pauses and
/// reconnections were.
///
/// Confined to the viewer's worker. Nothing on the packet path allocates, locks or counts references. Nothing here calls
/// out either, so the state is exempt from the run-time exclusivity checks of class properties, a third of a rewrite's cost.
package final class Subscription {
    // What every packet touches stands together at the start: it is fetched ahead (`Fanout`).

    /// Of every packet.
    private let flags: Rewrite.Flags
    private let isVP8: Bool
    private let isVideo: Bool
    /// Nothing can be sent yet, so nothing begins.
    var isHeld = false
    /// The viewer's line is known, and a keyframe is to leave no faster than that.
    @exclusivity(unchecked) var pacesKeyframes = false
    /// The line has room for redundancy.
    @exclusivity(unchecked) var admitsRedundancy = true
    @exclusivity(unchecked) var state = State.active
    /// A packet has changed what `advance` has to do; whoever showed it sees to that.
    @exclusivity(unchecked) var isUnsettled = false
    /// The epoch of the source being forwarded.
    @exclusivity(unchecked) var epoch: UInt16 = 0
    @exclusivity(unchecked) private var allowance = RetransmissionAllowance()
    @exclusivity(unchecked) private var history: ForwardHistory
    /// The place in the ring of the current layer up to which this viewer has come; nil while it is live: the fan-out
    /// pushes each packet as it arrives.
    @exclusivity(unchecked) var replay: Replay?
    @exclusivity(unchecked) private var sequences: Renumbering
    @exclusivity(unchecked) var pictures: VP8Rewriter
    /// How long the player is told to hold pictures back.
    @exclusivity(unchecked) private var playoutDelay = PlayoutDelay()
    package let configuration: Configuration
    @exclusivity(unchecked) package internal(set) var statistics = SubscriptionStatistics()
    @exclusivity(unchecked) var selector: LayerSelector
    @exclusivity(unchecked) var timestamps: TimestampRewriter
    @exclusivity(unchecked) var reports: SenderReportRewriter

    // What few packets touch.

    var rtxSequence: UInt16
    private var losses = PictureLossAllowance()
    /// The newest sender report of each layer.
    private var layerReports: [SenderReportSample?]
    /// So much gets lost that what is sent again is sent twice.
    private var isLossy = false
    /// The highest temporal layer wanted, replayed past apart.
    var maximumTemporalLayer: UInt8 = 3
    var announcedState = State.active

    package init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        self.configuration = configuration
        flags = configuration.hasTransportWideFeedback ? .transportWide : []
        isVideo = configuration.codec.isVideo
        isVP8 = configuration.codec == .video(.vp8)
        selector = LayerSelector(
            layerCount: configuration.layerCount, needsKeyframe: isVideo, deadAfter: configuration.deadAfter)
        // Below half the number space, so that early reordering cannot be taken for a wrap (RFC 3711 §3.3.1).
        sequences = Renumbering(first: Int64.random(in: 1..<0x8000, using: &generator))
        rtxSequence = .random(in: 1..<0x8000, using: &generator)
        timestamps = TimestampRewriter(
            clockRate: configuration.clockRate, first: .random(in: .min ... .max, using: &generator))
        pictures = VP8Rewriter(
            firstPictureID: .random(in: 0..<0x8000, using: &generator),
            firstTL0PictureIndex: .random(in: 0...255, using: &generator))
        reports = SenderReportRewriter(ssrc: configuration.ssrc)
        history = ForwardHistory(capacity: isVideo ? 512 : 128, ssrc: configuration.ssrc)
        layerReports = Array(repeating: nil, count: configuration.layerCount)
    }

    // MARK: The packet path

    /// Bytes from the start of an instance in which everything lies that a packet touches.
    static let hotSize = 1024

    /// Asks the processor to fetch what the next packet will touch elsewhere.
    @inline(__always)
    func prefetchHistory() { history.prefetch(UInt16(truncatingIfNeeded: sequences.last + 1)) }

    /// How this viewer gets a packet of `layer`, or nil.
    package func rewrite(_ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        switch info.kind {
        case .media: return rewriteMedia(info, layer: layer)
        case .padding: return replay == nil || selector.current != layer ? skipPadding(info, layer: layer) : nil
        case .senderReport:
            note(
                SenderReportSample(
                    ntp: info.ntp, timestamp: info.timestamp, epoch: info.epoch, arrival: info.arrival), layer: layer)
            return nil
        }
    }

    private func rewriteMedia(_ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        if selector.observe(layer, arrival: info.arrival) { isUnsettled = true }
        if let replay, selector.current == layer {
            // This packet's turn comes later, unless it makes what is before it needless.
            guard info.isKeyframeStart, replay.isBetweenFrames, begins(info, layer: layer) else { return nil }
        } else if !continues(info, layer: layer) {
            guard begins(info, layer: layer) else { return nil }
        }
        if pacesKeyframes, info.isKeyframeStart {
            // What is too large to leave at once goes out of the ring, and what follows behind it.
            fallBehind(at: info.index)
            return nil
        }
        return pass(info, layer: layer, live: nil)
    }

    /// Numbers a packet of what is being forwarded.
    ///
    /// - Parameter live: the newest packet of the layer, when this one is replayed from before it.
    func pass(
        _ info: borrowing PacketInfo, layer: Int, live: (timestamp: UInt32, arrival: Instant)?
    ) -> Rewrite? {
        let isLate = !sequences.isNew(info.sequence)
        if isVP8, !isLate, !pictures.admits(info.vp8, isFrameStart: info.isFrameStart) {
            statistics.drops.temporalLayer += 1
            pictures.skip(info.vp8)
            return fill(sequences.skip(info.sequence), info, layer: layer)
        }
        guard let number = sequences.map(info.sequence) else {
            statistics.drops.late += 1
            return nil
        }
        let sequence = UInt16(truncatingIfNeeded: number)
        // The same number must never go out with other bytes (AES-GCM).
        if isLate, history.contains(sequence) || sequences.last - number >= Int64(history.capacity) {
            statistics.drops.late += 1
            return nil
        }
        let timestamp =
            if let live { timestamps.replay(info.timestamp, live: live) } else {
                timestamps.rewrite(info.timestamp, arrival: info.arrival)
            }
        var rewrite = Rewrite(
            index: info.index, ssrc: configuration.ssrc, timestamp: timestamp, sequence: sequence,
            payloadType: configuration.payloadType, layer: UInt8(truncatingIfNeeded: layer),
            flags: info.hasMarker ? flags.union(.marker) : flags)
        if isVP8 {
            guard let patch = pictures.rewrite(info.vp8) else {
                statistics.drops.late += 1
                return fill(number, info, layer: layer)
            }
            rewrite.pictureID = patch.pictureID
            rewrite.tl0PictureIndex = patch.tl0PictureIndex
        }
        if let delay = playoutDelay.units {
            rewrite.playoutDelay = delay
            rewrite.flags.insert(.playoutDelay)
        }
        if info.redundancyLength > 0 { place(redundancyOf: info, in: &rewrite) }
        let byteCount = rewrite.byteCount(of: info)
        history.record(rewrite, byteCount: byteCount)
        allowance.sent(byteCount)
        reports.count(payloadLength: Int(info.payloadLength) - Int(rewrite.omitted))
        statistics.packets += 1
        statistics.bytes += UInt64(byteCount)
        if info.isKeyframeStart { statistics.keyframes += 1 }
        return rewrite
    }

    /// The packet belongs to what is being forwarded, which goes on until its successor starts.
    private func continues(_ info: borrowing PacketInfo, layer: Int) -> Bool {
        guard selector.current == layer else { return false }
        if epoch == info.epoch { return true }
        selector.lostCurrent()
        isUnsettled = true
        return false
    }

    /// The packet is where the stream begins, or moves to another source.
    private func begins(_ info: borrowing PacketInfo, layer: Int) -> Bool {
        guard !selector.isStopped else {
            if layer == 0 { statistics.drops.paused += 1 }
            return false
        }
        let canStart = isVideo ? info.isKeyframeStart : true
        guard canStart, !isHeld, !info.flags.contains(.late), selector.accepts(layer) else {
            if selector.current == nil, selector.target == layer { statistics.drops.waitingForKeyframe += 1 }
            return false
        }
        move(to: layer, at: info, live: (info.timestamp, info.arrival))
        return true
    }

    /// The stream goes on with `info`, the first packet of a layer.
    ///
    /// - Parameter live: the newest packet of the layer, whose timestamp goes where the stream is now.
    func move(to layer: Int, at info: borrowing PacketInfo, live: (timestamp: UInt32, arrival: Instant)) {
        let newEpoch = info.epoch
        let isSameSource = selector.current == layer && epoch == newEpoch
        becomeLive()
        selector.moved(to: layer)
        epoch = newEpoch
        sequences.restart(at: info.sequence)
        if isSameSource {
            timestamps.rewind()
        } else {
            var report = layerReports[layer]
            if let known = report, known.epoch != newEpoch { report = nil }
            timestamps.restart(at: live.timestamp, arrival: live.arrival, report: report)
        }
        pictures.restart(at: info.vp8)
        reports.restart()
        statistics.switches += 1
        state = .active
        isUnsettled = true
    }

    /// What lies before `place` is not sent, to nobody: a viewer who is live goes on from there, and sees no gap.
    ///
    /// - Parameter place: where `layer` can begin.
    func skip(to place: borrowing PacketInfo, layer: Int) {
        guard selector.current == layer, epoch == place.epoch, replay == nil else { return }
        move(to: layer, at: place, live: (place.timestamp, place.arrival))
    }

    func skipPadding(_ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        guard selector.current == layer, epoch == info.epoch else { return nil }
        return fill(sequences.skip(info.sequence), info, layer: layer)
    }

    /// An empty packet for a number, if any, that was kept free for a packet which this viewer does not get.
    private func fill(_ number: Int64?, _ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        guard let number else { return nil }
        let sequence = UInt16(truncatingIfNeeded: number)
        guard !history.contains(sequence), sequences.last - number < Int64(history.capacity) else { return nil }
        let rewrite = Rewrite(
            index: info.index, ssrc: configuration.ssrc, timestamp: timestamps.place(of: info.timestamp),
            sequence: sequence, payloadType: configuration.payloadType, layer: UInt8(truncatingIfNeeded: layer),
            flags: flags.union(.filler))
        history.record(rewrite)
        reports.count(payloadLength: 0)
        statistics.fillers += 1
        return rewrite
    }

    // MARK: What the room wants

    /// Which layer the viewer is to have; `.nothing` stops the stream, which then resumes at a keyframe.
    package func setWanted(_ wanted: LayerSelector.Wanted) {
        selector.want(wanted)
        if wanted == .nothing {
            becomeLive()
            state = .paused
        }
    }

    package var wanted: LayerSelector.Wanted { selector.wanted }

    /// The pixels of a layer, for `LayerSelector.Wanted.size`.
    package func setSize(of layer: Int, width: Int, height: Int) {
        selector.setSize(of: layer, width: width, height: height)
    }

    /// The layer being forwarded now.
    package var currentLayer: Int? { selector.current }

    /// The newest sender report of a layer: for a new subscription each ring's `latestSenderReport`; later ones come
    /// with the packets.
    package func note(_ report: SenderReportSample, layer: Int) {
        guard layerReports.indices.contains(layer) else { return }
        layerReports[layer] = report
        if selector.current == layer, report.epoch == epoch {
            let isFirst = timestamps.reference == nil
            timestamps.note(report)
            if isFirst {
                reports.restart()
                isUnsettled = true
            }
        }
    }

    // MARK: What the viewer says

    /// From this share of packets lost on, what is sent again is lost again too often to be sent once.
    private static let doublesFromLoss = 0.03

    /// The packets to send again, of those asked for; at most `ForwardHistory`'s capacity, and no more bytes than the
    /// allowance has. Where much gets lost each goes out twice, if the viewer has a stream for retransmissions.
    ///
    /// - Parameter lineRoundTrip: what the connection's feedback takes, until reports tell of this stream's own.
    package func receive(
        nack sequences: some Sequence<UInt16>, lineRoundTrip: Duration? = nil, now: Instant
    ) -> [Rewrite] {
        var resends: [Rewrite] = []
        // A number of its own each time would give the same packet other bytes.
        guard configuration.rtx != nil || !configuration.hasTransportWideFeedback else { return [] }
        let roundTrip = statistics.roundTrip ?? lineRoundTrip ?? .zero
        for sequence in sequences {
            let byteCount = history.byteCount(of: sequence)
            guard allowance.affords(byteCount),
                var rewrite = history.resend(sequence, now: now, roundTrip: roundTrip)
            else {
                statistics.refusedRetransmissions += 1
                continue
            }
            allowance.take(byteCount)
            guard let rtx = configuration.rtx else {
                resends.append(rewrite)
                continue
            }
            rewrite.originalSequence = rewrite.sequence
            rewrite.ssrc = rtx.ssrc
            rewrite.payloadType = rtx.payloadType
            rewrite.flags.insert(.rtx)
            resends.append(numbered(rewrite))
            guard isLossy, allowance.affords(byteCount) else { continue }
            allowance.take(byteCount)
            resends.append(numbered(rewrite))
        }
        statistics.retransmissions += UInt64(resends.count)
        return resends
    }

    private func numbered(_ retransmission: Rewrite) -> Rewrite {
        var numbered = retransmission
        numbered.sequence = rtxSequence
        rtxSequence &+= 1
        return numbered
    }

    /// What the viewer's line has lost lately, 0...1; nil while unknown. What a full line loses is no reason to wait for it:
    /// less is sent, and then it ends. To be told a few times a second.
    func setLoss(_ loss: Double?, lineIsFull: Bool, now: Instant) {
        isLossy = loss ?? 0 >= Self.doublesFromLoss
        guard isVideo, configuration.hasPlayoutDelay else { return }
        playoutDelay.update(loss: lineIsFull ? nil : loss, roundTrip: statistics.roundTrip, now: now)
    }

    /// - Parameter line: bits a second that it carries; nil while unknown.
    func limitRetransmissions(to line: Int?) {
        allowance.limit(to: line)
    }

    /// PLI or FIR: the layer whose keyframe to ask for, if any.
    package func receivePictureLoss(_ now: Instant) -> Int? {
        isVideo && !isHeld && losses.take(now) ? selector.pictureLost() : nil
    }

    /// A report block about our SSRC.
    package func receive(_ block: ReportBlock, now: Instant) {
        statistics.fractionLost = Float(block.fractionLost) / 256
        statistics.cumulativeLost = block.cumulativeLost
        let clockRate = Int64(configuration.clockRate)
        statistics.jitter = .nanoseconds(Int64(block.jitter) * 1_000_000_000 / clockRate)
        if let roundTrip = reports.roundTrip(block, now: now) { statistics.roundTrip = roundTrip }
    }
}
