package import Media

/// One viewer's stream of one track: every packet of the track is shown to `rewrite`, which returns how this viewer gets
/// it, or nil. What leaves is one unbroken RTP stream under our own SSRC, whatever the publisher's layers, losses, pauses and
/// reconnections were.
///
/// Confined to the viewer's worker. Nothing on the packet path allocates, locks or counts references. Nothing here calls
/// out either, so the state is exempt from the run-time exclusivity checks of class properties, a third of a rewrite's cost.
package final class Subscription {
    package struct Configuration: Sendable {
        package var ssrc: UInt32
        package var payloadType: UInt8
        /// The retransmission stream (RFC 4588) when the viewer agreed to one.
        package var rtx: RTXStream?
        package var codec: TrackCodec
        package var clockRate: Int
        /// 1...`LayerSelector.maximumLayers`.
        package var layerCount: Int
        /// A layer without packets for this long is dead.
        package var deadAfter = Duration.seconds(1)

        package init(
            ssrc: UInt32, payloadType: UInt8, rtx: RTXStream? = nil, codec: TrackCodec, clockRate: Int,
            layerCount: Int = 1
        ) {
            self.ssrc = ssrc
            self.payloadType = payloadType
            self.rtx = rtx
            self.codec = codec
            self.clockRate = clockRate
            self.layerCount = layerCount
        }
    }

    package struct RTXStream: Sendable, BitwiseCopyable {
        package var ssrc: UInt32
        package var payloadType: UInt8

        package init(ssrc: UInt32, payloadType: UInt8) {
            self.ssrc = ssrc
            self.payloadType = payloadType
        }
    }

    package enum State: Sendable, Equatable {
        case active
        case paused
    }

    /// What `advance` wants done; nothing, most of the time.
    package struct Effects: Sendable, Equatable {
        /// Ask the publisher for a keyframe of this layer.
        package var requestKeyframe: Int?
        /// The viewer's stream stopped or goes on.
        package var state: State?
    }

    package let configuration: Configuration
    @exclusivity(unchecked) package private(set) var statistics = SubscriptionStatistics()

    @exclusivity(unchecked) private var selector: LayerSelector
    @exclusivity(unchecked) private var sequences: Renumbering
    @exclusivity(unchecked) private var timestamps: TimestampRewriter
    @exclusivity(unchecked) private var pictures: VP8Rewriter
    @exclusivity(unchecked) private var reports: SenderReportRewriter
    @exclusivity(unchecked) private var history: ForwardHistory
    private var rtxSequence: UInt16
    /// The epoch of the source being forwarded.
    @exclusivity(unchecked) private var epoch: UInt16 = 0
    /// The newest sender report of each layer.
    private var layerReports: [SenderReportSample?]
    @exclusivity(unchecked) private var state = State.active
    private var announcedState = State.active

    private let isVP8: Bool
    private let isVideo: Bool

    package init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        self.configuration = configuration
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
        history = ForwardHistory(capacity: isVideo ? 512 : 128)
        layerReports = Array(repeating: nil, count: configuration.layerCount)
    }

    // MARK: The packet path

    /// How this viewer gets a packet of `layer`, or nil.
    package func rewrite(_ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        switch info.kind {
        case .media: return rewriteMedia(info, layer: layer)
        case .padding: return skipPadding(info, layer: layer)
        case .senderReport:
            note(
                SenderReportSample(
                    ntp: info.ntp, timestamp: info.timestamp, epoch: info.epoch, arrival: info.arrival), layer: layer)
            return nil
        }
    }

    private func rewriteMedia(_ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        selector.observe(layer, arrival: info.arrival)
        if !continues(info, layer: layer) {
            guard begins(info, layer: layer) else { return nil }
        }
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
        var rewrite = Rewrite(
            index: info.index, ssrc: configuration.ssrc,
            timestamp: timestamps.rewrite(info.timestamp, arrival: info.arrival), sequence: sequence,
            payloadType: configuration.payloadType, layer: UInt8(truncatingIfNeeded: layer),
            flags: info.hasMarker ? .marker : [])
        if isVP8 {
            guard let patch = pictures.rewrite(info.vp8) else {
                statistics.drops.late += 1
                return fill(number, info, layer: layer)
            }
            rewrite.pictureID = patch.pictureID
            rewrite.tl0PictureIndex = patch.tl0PictureIndex
        }
        history.record(rewrite)
        reports.count(payloadLength: Int(info.payloadLength))
        statistics.packets += 1
        statistics.bytes += UInt64(info.byteCount)
        if info.isKeyframeStart { statistics.keyframes += 1 }
        return rewrite
    }

    /// The packet belongs to what is being forwarded, which goes on until its successor starts.
    private func continues(_ info: borrowing PacketInfo, layer: Int) -> Bool {
        guard selector.current == layer else { return false }
        if epoch == info.epoch { return true }
        selector.lostCurrent()
        return false
    }

    /// The packet is where the stream begins, or moves to another source.
    private func begins(_ info: borrowing PacketInfo, layer: Int) -> Bool {
        guard selector.wanted != .nothing else {
            if layer == 0 { statistics.drops.paused += 1 }
            return false
        }
        let canStart = isVideo ? info.isKeyframeStart : true
        guard canStart, !info.flags.contains(.late), selector.accepts(layer) else {
            if selector.current == nil, selector.target == layer { statistics.drops.waitingForKeyframe += 1 }
            return false
        }
        selector.moved(to: layer)
        epoch = info.epoch
        sequences.restart(at: info.sequence)
        var report = layerReports[layer]
        if let known = report, known.epoch != info.epoch { report = nil }
        timestamps.restart(at: info.timestamp, arrival: info.arrival, report: report)
        pictures.restart(at: info.vp8)
        reports.restart()
        statistics.switches += 1
        state = .active
        return true
    }

    private func skipPadding(_ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        guard selector.current == layer, epoch == info.epoch else { return nil }
        return fill(sequences.skip(info.sequence), info, layer: layer)
    }

    /// An empty packet for a number, if any, that was kept free for a packet which this viewer does not get.
    private func fill(_ number: Int64?, _ info: borrowing PacketInfo, layer: Int) -> Rewrite? {
        guard let number else { return nil }
        let sequence = UInt16(truncatingIfNeeded: number)
        guard !history.contains(sequence), sequences.last - number < Int64(history.capacity) else { return nil }
        let rewrite = Rewrite(
            index: info.index, ssrc: configuration.ssrc, timestamp: info.timestamp &+ timestamps.offset,
            sequence: sequence, payloadType: configuration.payloadType, layer: UInt8(truncatingIfNeeded: layer),
            flags: .filler)
        history.record(rewrite)
        reports.count(payloadLength: 0)
        statistics.fillers += 1
        return rewrite
    }

    // MARK: What the room wants

    /// Which layer the viewer is to have; `.nothing` stops the stream, which then resumes at a keyframe.
    package func setWanted(_ wanted: LayerSelector.Wanted) {
        selector.want(wanted)
        if wanted == .nothing { state = .paused }
    }

    package var wanted: LayerSelector.Wanted { selector.wanted }

    /// The highest temporal layer to pass on, 0...3. VP8 only.
    package func setMaximumTemporalLayer(_ layer: UInt8) {
        pictures.wantedTemporalLayer = min(layer, 3)
    }

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
            if isFirst { reports.restart() }
        }
    }

    // MARK: What the viewer says

    /// The packets to send again, of those asked for; at most `ForwardHistory`'s capacity.
    package func receive(nack sequences: some Sequence<UInt16>, now: Instant) -> [Rewrite] {
        var resends: [Rewrite] = []
        let roundTrip = statistics.roundTrip ?? .zero
        for sequence in sequences {
            guard var rewrite = history.resend(sequence, now: now, roundTrip: roundTrip) else {
                statistics.refusedRetransmissions += 1
                continue
            }
            if let rtx = configuration.rtx {
                rewrite.originalSequence = rewrite.sequence
                rewrite.sequence = rtxSequence
                rewrite.ssrc = rtx.ssrc
                rewrite.payloadType = rtx.payloadType
                rewrite.flags.insert(.rtx)
                rtxSequence &+= 1
            }
            statistics.retransmissions += 1
            resends.append(rewrite)
        }
        return resends
    }

    /// PLI or FIR: the layer whose keyframe to ask for, if any.
    package func receivePictureLoss() -> Int? {
        isVideo ? selector.pictureLost() : nil
    }

    /// A report block about our SSRC.
    package func receive(_ block: ReportBlock, now: Instant) {
        statistics.fractionLost = Float(block.fractionLost) / 256
        statistics.cumulativeLost = block.cumulativeLost
        let clockRate = Int64(configuration.clockRate)
        statistics.jitter = .nanoseconds(Int64(block.jitter) * 1_000_000_000 / clockRate)
        if let roundTrip = reports.roundTrip(block, now: now) { statistics.roundTrip = roundTrip }
    }

    // MARK: Time

    /// Our sender report, when one is due and the publisher's clock is known.
    package func pollSenderReport(_ now: Instant) -> SenderReport? {
        guard state == .active, reports.isDue(now), let reference = timestamps.reference else { return nil }
        return reports.report(
            now: now, reference: reference, offset: timestamps.offset, clockRate: timestamps.clockRate)
    }

    package func advance(to now: Instant) -> Effects {
        var effects = Effects(requestKeyframe: selector.advance(to: now))
        if state != announcedState {
            announcedState = state
            effects.state = state
        }
        return effects
    }

    /// When `advance` has something to do. Polling every 50 ms or so does as well.
    package func nextTimeout(after now: Instant) -> Instant? {
        state != announcedState ? now : selector.nextTimeout(after: now)
    }
}
