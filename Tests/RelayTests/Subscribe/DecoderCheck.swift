import Media
import Testing

/// What a decoder demands of a stream, checked on everything one viewer was sent.
struct DecoderCheck {
    /// Sequence numbers between the first and the last that never came.
    private(set) var gaps = 0
    private(set) var frames = 0
    private(set) var keyframes = 0
    private(set) var fillers = 0
    private(set) var faults: [String] = []

    /// - Parameter isLossless: nothing was lost on the way, so every number has to be there and follow the last.
    init(_ packets: [SeenPacket], isLossless: Bool) {
        let sorted = packets.sorted { $0.sequence < $1.sequence }
        guard let first = sorted.first else { return }
        var previous: SeenPacket?
        var expected = first.sequence
        var lastTL0 = first.descriptor?.tl0PictureIndex ?? 0
        if !first.isKeyframe || !first.isFrameStart { faults.append("does not begin with a keyframe") }
        for packet in sorted {
            if packet.sequence < expected { faults.append("\(packet.sequence) was sent twice") }
            gaps += Int(max(0, packet.sequence - expected))
            let isContiguous = packet.sequence == expected
            expected = packet.sequence + 1
            if packet.isFiller {
                fillers += 1
                continue
            }
            guard let descriptor = packet.descriptor, let pictureID = descriptor.pictureID,
                let tl0 = descriptor.tl0PictureIndex
            else { continue }
            if descriptor.isStartOfPartition {
                frames += 1
                if packet.isKeyframe { keyframes += 1 }
            }
            if let previous, let before = previous.descriptor, let pictureIDBefore = before.pictureID {
                let mask: UInt16 = descriptor.pictureIDIs15Bit && before.pictureIDIs15Bit ? 0x7FFF : 0x7F
                let step = (pictureID &- pictureIDBefore) & mask
                // A frame that is sent once more from its start, as after a lost picture, is another one.
                let isSameFrame =
                    previous.frame == packet.frame && previous.layer == packet.layer && previous.part < packet.part
                let elapsed = Int32(bitPattern: packet.header.timestamp &- previous.header.timestamp)
                if isSameFrame, step != 0 { faults.append("one frame, two picture ids at \(packet.sequence)") }
                if !isSameFrame, elapsed <= 0 { faults.append("timestamp \(elapsed) at \(packet.sequence)") }
                if elapsed > 90_000 * 60 { faults.append("timestamp jump \(elapsed) at \(packet.sequence)") }
                if isContiguous, !isSameFrame {
                    if isLossless, step != 1 { faults.append("picture id +\(step) at \(packet.sequence)") }
                    if previous.layer != packet.layer, !packet.isKeyframe {
                        faults.append("switch without a keyframe at \(packet.sequence)")
                    }
                    let isBase = descriptor.temporalID == 0
                    if isLossless, tl0 &- lastTL0 != (isBase ? 1 : 0) {
                        faults.append("TL0PICIDX +\(tl0 &- lastTL0) at \(packet.sequence)")
                    }
                }
                if isLossless, !isSameFrame, previous.part != previous.parts - 1 {
                    faults.append("frame cut short before \(packet.sequence)")
                }
            }
            lastTL0 = tl0
            previous = packet
        }
        if isLossless, gaps > 0 { faults.append("\(gaps) gaps") }
    }

    func expectNoFaults(_ location: SourceLocation = #_sourceLocation) {
        #expect(faults.isEmpty, "\(faults.prefix(5))", sourceLocation: location)
    }
}
