import Media

/// Puts the next VP8 keyframe of a layer together from its ring, where the packets are anyway: taking one costs nothing
/// on a packet's way. A keyframe that misses packets, or outgrows `maximumSize`, makes room for the next one; packets
/// may come late and in any order.
///
/// Confined to the publisher's worker, which writes the ring.
package struct KeyframeCapture {
    /// Bytes of the frame.
    package static let maximumSize = 256 << 10
    /// Packets before a first packet that came late among which the rest of its frame is looked for.
    private static let lookBack: Int64 = 256

    /// The parts of one frame, by sequence number.
    private struct Frame {
        var first: Int64
        var timestamp: UInt32
        var epoch: UInt16
        /// The sequence number of the packet with the marker.
        var last: Int64?
        var parts: [Int64: [UInt8]] = [:]
        var size = 0

        var isComplete: Bool { last.map { parts.count == Int($0 - first + 1) } ?? false }
        var bytes: [UInt8] { parts.sorted { $0.key < $1.key }.flatMap(\.value) }
    }

    private let ring: PacketRing
    /// Of the first packet that is looked at.
    private let beginning: Int64
    private var reader: PacketRing.Reader
    private var frame: Frame?

    /// Begins with what comes next.
    package init(_ ring: PacketRing) {
        self.ring = ring
        reader = PacketRing.Reader(atEndOf: ring)
        beginning = reader.position
    }

    /// Reads what came since the last time; returns the keyframe once it is whole.
    package mutating func poll() -> [UInt8]? {
        while let info = reader.next(in: ring) {
            guard info.kind == .media else { continue }
            if info.isKeyframeStart, frame?.first != info.sequence || frame?.epoch != info.epoch {
                frame = Frame(first: info.sequence, timestamp: info.timestamp, epoch: info.epoch)
                if info.flags.contains(.late) { takeWhatCame(before: info.index) }
            }
            take(info)
            if let frame, frame.isComplete { return frame.bytes }
        }
        return nil
    }

    /// The packets of the frame that overtook its first one. They begin no frame of their own, so that this is done once.
    private mutating func takeWhatCame(before index: Int64) {
        var earlier = PacketRing.Reader(at: max(beginning, index - Self.lookBack))
        while let info = earlier.next(in: ring), info.index < index {
            if info.kind == .media { take(info) }
        }
    }

    private mutating func take(_ info: PacketInfo) {
        guard var frame, info.epoch == frame.epoch, info.timestamp == frame.timestamp, info.sequence >= frame.first
        else { return }
        let start = ring.bytes(at: info.index) + Int(info.extensionLength)
        let payload = UnsafeRawBufferPointer(start: start, count: Int(info.payloadLength)).bytes
        guard let descriptor = try? VP8Descriptor(parsing: payload), descriptor.length < payload.byteCount else {
            return
        }
        let part = payload.extracting(droppingFirst: descriptor.length).array
        frame.size += frame.parts[info.sequence] == nil ? part.count : 0
        frame.parts[info.sequence] = part
        if info.hasMarker { frame.last = info.sequence }
        self.frame = frame.size <= Self.maximumSize ? frame : nil
    }
}
