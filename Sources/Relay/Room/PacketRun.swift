import Media

/// What a fan-out takes from a ring at once: a frame of most streams. A value without memory of its own elsewhere.
///
/// Packets to one viewer that are of one length are one message to the kernel (`SendBatch`), but encoders cut a frame into
/// parts that differ by a byte. So those that differ by little are padded to the longest of them (RFC 3550 §5.1).
struct PacketRun: ~Copyable {
    static let capacity = 16

    private var packets = InlineArray<16, PacketInfo>(repeating: PacketInfo())
    private(set) var count = 0

    /// Packets may follow that did not fit.
    var isFull: Bool { count == Self.capacity }

    @inline(__always)
    subscript(index: Int) -> PacketInfo { packets[index] }

    /// Takes what the reader has before it, in place of what was there.
    ///
    /// - Parameter endingWithFrame: nothing behind the end of a frame.
    mutating func fill(from reader: inout PacketRing.Reader, of ring: PacketRing, endingWithFrame: Bool = false) {
        count = 0
        while count < Self.capacity, let info = reader.next(in: ring) {
            append(info)
            if endingWithFrame, info.hasMarker { break }
        }
    }

    mutating func append(_ info: PacketInfo) {
        packets[count] = info
        count += 1
    }

    /// Pads packets to the length of those beside them. The last of a message may be shorter, and stays as it is.
    mutating func equalise() {
        var start = 0
        while start < count {
            var (shortest, longest) = (length(start), length(start))
            var end = start + 1
            while end < count {
                let length = length(end)
                guard max(longest, length) - min(shortest, length) <= Rewrite.maximumPadding else { break }
                (shortest, longest) = (min(shortest, length), max(longest, length))
                end += 1
            }
            let endsMessage = end < count && length(end) < shortest
            // The last of the message.
            let last = endsMessage ? end : end - 1
            for index in start..<last { packets[index].padding = UInt8(longest - length(index)) }
            start = last + 1
        }
    }

    /// Of a packet's copies, but for what all of them get: one without header extensions gets the head of their block as well.
    private func length(_ index: Int) -> Int {
        packets[index].byteCount + (packets[index].extensionLength == 0 ? Rewrite.elementLength : 0)
    }
}
