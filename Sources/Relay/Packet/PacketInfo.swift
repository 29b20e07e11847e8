package import Media

/// What a publisher's packet is, as its viewers need to know it: everything that was learnt from the headers once, so
/// that no viewer parses them again. In a `PacketRing` it stands before the packet's bytes, which are the canonical
/// header-extension block (`extensionLength` bytes, a multiple of four, empty when there are none) and then the payload
/// without padding (`payloadLength` bytes).
package struct PacketInfo: BitwiseCopyable, Sendable {
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// A packet with a payload.
        case media
        /// The publisher sent this sequence number with nothing in it; viewers are to see no gap.
        case padding
        /// The publisher's sender report, in order among its packets: `ntp` belongs to `timestamp`.
        case senderReport
    }

    package struct Flags: OptionSet, BitwiseCopyable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The RTP marker bit: for video the last packet of a frame.
        package static let marker = Flags(rawValue: 1 << 0)
        /// The first packet of a frame.
        package static let frameStart = Flags(rawValue: 1 << 1)
        /// The first packet of a frame that can be decoded without any other; always with `frameStart`.
        package static let keyframeStart = Flags(rawValue: 1 << 2)
        /// Came after a packet with a higher sequence number.
        package static let late = Flags(rawValue: 1 << 3)
        /// Came over the publisher's retransmission stream.
        package static let retransmitted = Flags(rawValue: 1 << 4)
    }

    /// The place in the ring: one more for each packet stored, in order of arrival.
    package var index: Int64 = 0
    /// The publisher's sequence number, unwrapped; comparable within one `epoch`. Meaningless in a sender report.
    package var sequence: Int64 = 0
    /// When the kernel received the packet.
    package var arrival = Instant(nanoseconds: 0)
    /// NTP time of a sender report, 32.32 fixed point.
    package var ntp: UInt64 = 0
    /// The publisher's RTP timestamp.
    package var timestamp: UInt32 = 0
    /// Grows when the publisher's stream starts over with a new SSRC.
    package var epoch: UInt16 = 0
    package var extensionLength: UInt16 = 0
    package var payloadLength: UInt16 = 0
    package var kind = Kind.media
    package var flags: Flags = []
    /// Bytes stored in the ring up to and with this packet, and those of them in the base temporal layer; both wrap.
    package var bytesStored: UInt32 = 0
    package var baseBytesStored: UInt32 = 0
    /// RFC 6464, in −dBov: 0 is loudest, 127 silence; 255 when not stated.
    package var audioLevel: UInt8 = 255
    /// Bytes of RTP padding that make its copies as long as those of the packets they leave with (`PacketRun`). 0 in the
    /// ring: only what is not sent again under its number may be padded.
    package var padding: UInt8 = 0
    package var vp8 = VP8Fields()
    /// Bytes of the payload before the packet's own sound: what repeats earlier packets (RFC 2198). 0 in plain packets.
    package var redundancyLength: UInt16 = 0

    package init() {}

    package var isKeyframeStart: Bool { flags.contains(.keyframeStart) }
    package var isFrameStart: Bool { flags.contains(.frameStart) }
    package var hasMarker: Bool { flags.contains(.marker) }
    /// Bytes kept in the ring for this packet.
    package var byteCount: Int { Int(extensionLength) + Int(payloadLength) }
}

/// The fields of a VP8 payload descriptor (RFC 7741 §4.2) that a viewer's stream numbers anew, and where they are.
package struct VP8Fields: BitwiseCopyable, Sendable {
    /// 7 or 15 bits; see `pictureIDBits`.
    package var pictureID: UInt16 = 0
    package var tl0PictureIndex: UInt8 = 0
    /// 0 when the packet says none.
    package var temporalID: UInt8 = 0
    /// The Y bit: the frame depends on the base temporal layer only.
    package var isLayerSync = false
    /// Offset of the picture id in the payload; 0 when there is none.
    package var pictureIDOffset: UInt8 = 0
    /// 7 or 15; 0 when there is none.
    package var pictureIDBits: UInt8 = 0
    /// Offset of TL0PICIDX in the payload; 0 when there is none.
    package var tl0Offset: UInt8 = 0

    package init() {}

    init(_ descriptor: VP8Descriptor) {
        self.init()
        pictureID = descriptor.pictureID ?? 0
        pictureIDOffset = UInt8(descriptor.pictureIDOffset ?? 0)
        pictureIDBits = descriptor.pictureID == nil ? 0 : descriptor.pictureIDIs15Bit ? 15 : 7
        tl0PictureIndex = descriptor.tl0PictureIndex ?? 0
        tl0Offset = UInt8(descriptor.tl0PictureIndexOffset ?? 0)
        temporalID = descriptor.temporalID ?? 0
        isLayerSync = descriptor.temporalID != nil && descriptor.isLayerSync
    }
}

/// A sender report of a publisher: at `ntp` its RTP clock showed `timestamp`. RFC 3550 §6.4.1.
package struct SenderReportSample: BitwiseCopyable, Sendable, Equatable {
    /// 32.32 fixed point seconds.
    package var ntp: UInt64
    package var timestamp: UInt32
    package var epoch: UInt16
    package var arrival: Instant

    package init(ntp: UInt64, timestamp: UInt32, epoch: UInt16, arrival: Instant) {
        self.ntp = ntp
        self.timestamp = timestamp
        self.epoch = epoch
        self.arrival = arrival
    }
}
