package import Media

/// The incoming side of one encoding (rid) of a published track: everything that comes of it goes through here into its
/// `PacketRing`, once, in the form that viewers get.
///
/// It drops duplicates, finds losses, knows keyframes, keeps the receiver report and stores packets with the canonical header
/// extensions. A packet with nothing but padding is stored as such, so that viewers see no gap in its place.
///
/// Confined to the publisher's worker.
package final class IncomingLayer {
    package struct Configuration: Sendable {
        package var codec: TrackCodec
        package var clockRate: Int
        package var extensions: ExtensionMap
        /// The publisher agreed to send lost packets again.
        package var sendsNack: Bool
        /// The publisher agreed to send it; packets say which of them have any.
        package var redundancy: Redundancy?

        package init(
            codec: TrackCodec, clockRate: Int, extensions: ExtensionMap, sendsNack: Bool, redundancy: Redundancy? = nil
        ) {
            self.codec = codec
            self.clockRate = clockRate
            self.extensions = extensions
            self.sendsNack = sendsNack
            self.redundancy = redundancy
        }
    }

    package struct Counters: Sendable, BitwiseCopyable {
        package var packets: UInt64 = 0
        /// Payload bytes.
        package var bytes: UInt64 = 0
        package var duplicates: UInt64 = 0
        package var padding: UInt64 = 0
        package var retransmitted: UInt64 = 0
        /// Lost, and found again in a later packet.
        package var recovered: UInt64 = 0
        /// Larger than a ring's slot.
        package var oversized: UInt64 = 0
        /// Sequence numbers out of nowhere, broken payloads, stragglers of an earlier SSRC.
        package var refused: UInt64 = 0
        package var nacked: UInt64 = 0
        package var keyframeRequests: UInt64 = 0
        package var keyframes: UInt64 = 0
    }

    package let ring: PacketRing
    package let configuration: Configuration
    /// The round trip to the publisher, as far as it is known.
    package var roundTrip = Duration.milliseconds(50)

    package internal(set) var counters = Counters()
    /// Of the newest stream; nil before the first packet.
    package private(set) var ssrc: UInt32?
    /// Grows when the stream starts over.
    package private(set) var epoch: UInt16 = 0
    /// Pixels of the newest keyframe, when the codec tells.
    package private(set) var size: (width: Int, height: Int)?
    package private(set) var audioLevel = AudioLevelMeter()

    private var previousSSRC: UInt32?
    private var sequence = SourceSequence()
    var received = ReceivedWindow()
    var losses = LossDetector()
    private var statistics: ReceiveStatistics
    private var keyframes = KeyframeGate()
    private var activity = LayerActivity()
    /// Of video.
    package private(set) var gathering = FrameGathering()
    var temporalRates = TemporalRates()
    private var report: SenderReportSample?
    /// The highest sequence number stored.
    var highest: Int64 = .min
    var newestTimestamp: UInt32 = 0
    /// The highest sequence number without content.
    private var lastEmpty: Int64 = .min
    private var keyframeTimestamp: UInt32?

    package init(ring: PacketRing, configuration: Configuration) {
        self.ring = ring
        self.configuration = configuration
        statistics = ReceiveStatistics(clockRate: configuration.clockRate)
    }
}

extension IncomingLayer {
    /// A packet of this layer, in the clear.
    ///
    /// - Parameters:
    ///   - header: read from `packet`.
    ///   - arrival: when the kernel received it.
    ///   - isRetransmission: it came over the RTX stream: its payload begins with the original sequence number.
    package func receive(
        _ packet: RawSpan, header: RTPHeader, arrival: Instant, isRetransmission: Bool
    ) -> IncomingEffects {
        var payload = header.payload(of: packet)
        let number: Int64
        if isRetransmission {
            guard let original = RTX.originalSequenceNumber(payload: payload), let located = sequence.locate(original)
            else { return IncomingEffects() }
            payload = RTX.originalPayload(of: payload)
            counters.retransmitted += 1
            number = located
        } else {
            guard admit(ssrc: header.ssrc), let accepted = accept(header.sequenceNumber) else {
                counters.refused += 1
                return IncomingEffects()
            }
            statistics.receive(accepted, timestamp: header.timestamp, arrival: arrival)
            number = accepted
        }
        guard received.insert(number) else {
            counters.duplicates += 1
            return IncomingEffects()
        }
        if configuration.sendsNack { losses.receive(number, now: arrival) }

        var info = PacketInfo()
        info.sequence = number
        info.timestamp = header.timestamp
        info.arrival = arrival
        info.epoch = epoch
        if number < highest { info.flags.insert(.late) }
        if isRetransmission { info.flags.insert(.retransmitted) }
        if let redundancy = configuration.redundancy, header.payloadType == redundancy.payloadType,
            payload.byteCount > 0
        {
            guard let red = redundancy.read(payload) else {
                counters.refused += 1
                return IncomingEffects()
            }
            if number - Int64(red.blockCount - 1) <= lastEmpty {
                // It repeats what was said while the track was muted.
                payload = payload.extracting(droppingFirst: red.primary.offset)
            } else {
                info.redundancyLength = UInt16(clamping: red.primary.offset)
                recover(red, payload, from: info)
            }
        }
        return store(packet, payload, header, info)
    }

    private func store(
        _ packet: RawSpan, _ payload: RawSpan, _ header: RTPHeader, _ start: PacketInfo
    ) -> IncomingEffects {
        var info = start
        var effects = IncomingEffects()
        let isLate = info.flags.contains(.late)
        let slot = ring.reserve()
        if payload.byteCount == 0 {
            info.kind = .padding
            lastEmpty = max(lastEmpty, info.sequence)
            counters.padding += 1
        } else {
            guard describe(payload, marker: header.marker, &info, &effects) else {
                counters.refused += 1
                return IncomingEffects()
            }
            let extensionLength = writeExtensions(packet, header, to: slot, room: payload.byteCount, &info)
            guard let extensionLength else {
                counters.oversized += 1
                return IncomingEffects()
            }
            info.extensionLength = UInt16(extensionLength)
            info.payloadLength = UInt16(payload.byteCount)
            payload.withUnsafeBytes { bytes in
                (slot + extensionLength).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
            }
            if info.redundancyLength > 0 { take(redundancyOf: info, at: slot + extensionLength) }
            if info.audioLevel <= 127, !isLate { audioLevel.receive(info.audioLevel, at: info.arrival) }
            counters.packets += 1
            counters.bytes += UInt64(payload.byteCount)
            temporalRates.receive(
                byteCount: packet.byteCount - Int(info.redundancyLength), temporalLayer: info.vp8.temporalID,
                arrival: info.arrival)
            activity.receive(byteCount: packet.byteCount, isFrameStart: info.isFrameStart, arrival: info.arrival)
        }
        ring.publish(info)
        if !isLate {
            highest = info.sequence
            newestTimestamp = info.timestamp
            if configuration.codec.isVideo, info.kind == .media {
                gathering.receive(timestamp: info.timestamp, hasMarker: info.hasMarker, arrival: info.arrival)
            }
        }
        if info.isKeyframeStart { startKeyframe(info) }
        effects.stored = true
        effects.keyframeStart = info.isKeyframeStart
        return effects
    }

    private func startKeyframe(_ info: PacketInfo) {
        counters.keyframes += 1
        keyframeTimestamp = info.timestamp
        keyframes.keyframeArrived()
        losses.forget(before: info.sequence)
    }

    /// Fills in what the payload says; false when it is broken.
    private func describe(
        _ payload: RawSpan, marker: Bool, _ info: inout PacketInfo, _ effects: inout IncomingEffects
    ) -> Bool {
        if marker { info.flags.insert(.marker) }
        guard case .video(let codec) = configuration.codec else {
            info.flags.insert(.frameStart)
            return true
        }
        let isKeyframe: Bool
        if codec == .vp8 {
            guard let descriptor = try? VP8Descriptor(parsing: payload) else { return false }
            info.vp8 = VP8Fields(descriptor)
            if descriptor.isStartOfPartition, descriptor.partitionIndex == 0 { info.flags.insert(.frameStart) }
            isKeyframe = VP8Payload.isKeyframe(payload, descriptor)
            if isKeyframe, let size = VP8Payload.keyframeSize(payload, descriptor), size != self.size ?? (0, 0) {
                self.size = size
                effects.sizeChanged = true
            }
        } else {
            let isFirst = highest == .min || SerialNumber(info.timestamp) > SerialNumber(newestTimestamp)
            if isFirst { info.flags.insert(.frameStart) }
            // A keyframe may begin with parameter sets in packets of their own: only the first counts.
            isKeyframe = codec.isKeyframeStart(payload: payload) && keyframeTimestamp != info.timestamp
        }
        if isKeyframe { info.flags.formUnion([.frameStart, .keyframeStart]) }
        return true
    }

    /// Writes the canonical extension block to `slot`; returns its length, or nil when block and payload do not fit.
    private func writeExtensions(
        _ packet: RawSpan, _ header: RTPHeader, to slot: UnsafeMutableRawPointer, room payloadLength: Int,
        _ info: inout PacketInfo
    ) -> Int? {
        let room = PacketRing.maximumBytes - payloadLength
        guard room >= 0 else { return nil }
        guard header.extensionProfile != nil else { return 0 }
        // The writer wants four bytes for the head even when nothing follows.
        guard room >= 4 else { return nil }
        var writer = RTPExtensionWriter(UnsafeMutableRawBufferPointer(start: slot, count: room))
        var elements = header.extensions(of: packet)
        while let element = elements.next() {
            guard let known = configuration.extensions[element.id] else { continue }
            let value = packet.extracting(element.offset..<element.offset + element.length)
            guard writer.append(id: known.rawValue, value) else { return nil }
            if known == .audioLevel, element.length > 0 {
                info.audioLevel = AudioLevel(byte: value.unsafeLoad(as: UInt8.self)).level
            }
        }
        return writer.finish()
    }

    /// Whether a packet with this SSRC belongs here; a new one starts a new epoch.
    private func admit(ssrc new: UInt32) -> Bool {
        if new == ssrc { return true }
        if let ssrc {
            if new == previousSSRC { return false }
            previousSSRC = ssrc
            startOver()
        }
        ssrc = new
        return true
    }

    private func accept(_ number: UInt16) -> Int64? {
        switch sequence.receive(number) {
        case .accepted(let number): return number
        case .refused: return nil
        case .restarted(let number):
            startOver()
            _ = sequence.receive(UInt16(truncatingIfNeeded: number))
            return number
        }
    }

    private func startOver() {
        ring.forgetKeyframe()
        epoch &+= 1
        sequence = SourceSequence()
        received = ReceivedWindow()
        losses = LossDetector()
        statistics = ReceiveStatistics(clockRate: configuration.clockRate)
        report = nil
        highest = .min
        lastEmpty = .min
        keyframeTimestamp = nil
    }

    /// The publisher's report about this layer. One about an SSRC that is not (or no longer) this layer's is ignored.
    package func receive(_ senderReport: SenderReport, arrival: Instant) {
        guard senderReport.ssrc == ssrc else { return }
        let sample = SenderReportSample(
            ntp: senderReport.ntp, timestamp: senderReport.rtpTimestamp, epoch: epoch, arrival: arrival)
        report = sample
        ring.publish(senderReport: sample)
    }

    /// Somebody needs a keyframe, or can do without for a while; true when the publisher is to be asked now.
    package func requestKeyframe(_ now: Instant, isPatient: Bool = false) -> Bool {
        guard configuration.codec.isVideo else { return false }
        guard isPatient ? keyframes.requestPatiently(now) : keyframes.request(now) else { return false }
        counters.keyframeRequests += 1
        return true
    }

    package func advance(to now: Instant) -> IncomingTimerEffects {
        audioLevel.advance(to: now)
        let lost = losses.poll(now, roundTrip: roundTrip)
        var effects = IncomingTimerEffects(nack: lost.nack)
        counters.nacked += UInt64(lost.nack.count)
        if lost.gaveUp { ring.forgetKeyframe() }
        if configuration.codec.isVideo {
            effects.requestKeyframe = lost.gaveUp ? keyframes.request(now) : keyframes.advance(to: now)
            if effects.requestKeyframe { counters.keyframeRequests += 1 }
        }
        return effects
    }

    /// When `advance` has something to do.
    package var nextTimeout: Instant? {
        guard let loss = losses.nextTimeout, let keyframe = keyframes.nextTimeout else {
            return losses.nextTimeout ?? keyframes.nextTimeout
        }
        return min(loss, keyframe)
    }

    /// For the next receiver report; begins a new interval.
    package func reportBlock(_ now: Instant) -> ReportBlock? {
        ssrc.flatMap { statistics.reportBlock(ssrc: $0, lastReport: report, now: now) }
    }

    /// When the last packet with a payload came.
    package var lastPacket: Instant? { activity.lastPacket }

    /// Bits in the last second.
    package func bitrate(_ now: Instant) -> Int { activity.bitrate(now) }

    /// What viewers' copies take, each temporal layer with those below it; to be read at a steady pace.
    package func readRates(_ now: Instant) -> InlineArray<4, Int> { temporalRates.read(now) }

    /// Frames in the last second; for audio, packets.
    package func framesPerSecond(_ now: Instant) -> Int { activity.framesPerSecond(now) }
}
