import Media

/// A publisher's VP8 packets in the clear, all of one length, written into one place.
final class SyntheticSource {
    static let ssrc: UInt32 = 7
    static let payloadType: UInt8 = 96

    let packet: UnsafeMutableRawPointer
    private let packetLength: Int
    private var sequence: UInt16 = 1
    private var timestamp: UInt32 = 0
    private var pictureID: UInt16 = 0
    private var baseIndex: UInt8 = 0
    private var isKeyframe = false
    private var isFrameStart = false

    init(packetLength: Int) {
        self.packetLength = packetLength
        packet = .allocate(byteCount: 2048, alignment: 64)
        packet.initializeMemory(as: UInt8.self, repeating: 0x5a, count: 2048)
    }

    deinit { packet.deallocate() }

    func beginFrame(isKeyframe: Bool) {
        self.isKeyframe = isKeyframe
        isFrameStart = true
        timestamp &+= 3000
        pictureID = (pictureID + 1) & 0x7fff
        baseIndex &+= 1
    }

    /// The next packet of the frame; its length.
    func writePacket(isLast: Bool) -> Int {
        store(UInt8(0x80), at: 0)
        store((isLast ? 0x80 : 0) | Self.payloadType, at: 1)
        store(sequence.bigEndian, at: 2)
        store(timestamp.bigEndian, at: 4)
        store(Self.ssrc.bigEndian, at: 8)
        // The payload descriptor (RFC 7741 §4.2) with picture id, base layer index and temporal layer 0.
        store(UInt8(isFrameStart ? 0x90 : 0x80), at: 12)
        store(UInt8(0xe0), at: 13)
        store((0x8000 | pictureID).bigEndian, at: 14)
        store(baseIndex, at: 16)
        store(UInt8(0), at: 17)
        // The frame's header (§4.3): whether it is a keyframe, of 1280 × 720.
        store(UInt8(isKeyframe ? 0x10 : 0x11), at: 18)
        if isKeyframe, isFrameStart {
            for (index, byte) in [0, 0, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02].enumerated() {
                store(UInt8(byte), at: 19 + index)
            }
        }
        isFrameStart = false
        sequence &+= 1
        return packetLength
    }

    private func store<T: BitwiseCopyable>(_ value: T, at offset: Int) {
        packet.storeBytes(of: value, toByteOffset: offset, as: T.self)
    }
}
