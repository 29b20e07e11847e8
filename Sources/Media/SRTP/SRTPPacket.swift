/// Where an RTP or RTCP packet names its sender, and how long its fixed header is.
enum SRTPPacket {
    case rtp
    case rtcp

    /// The SSRC of the packet at `packet`, whose length is checked.
    func ssrc(of packet: UnsafeMutableRawPointer, length: Int, maximum: Int) throws(SRTPError) -> UInt32 {
        let (header, offset) = self == .rtp ? (12, 8) : (8, 4)
        guard header...maximum ~= length, packet.load(as: UInt8.self) >> 6 == 2 else { throw .malformed }
        return UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Bytes of an RTP packet that stay readable: the fixed header, contributing sources and the extension (RFC 3711 §3.1).
    ///
    /// - Parameter length: of the packet without tag.
    @inline(__always)
    static func rtpHeaderLength(_ packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        let first = packet.load(as: UInt8.self)
        var header = 12 + 4 * Int(first & 0x0f)
        if first & 0x10 != 0 {
            guard header + 4 <= length else { throw .malformed }
            header += 4 + 4 * Int(UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: header + 2, as: UInt16.self)))
        }
        guard header <= length else { throw .malformed }
        return header
    }
}

/// What makes a packet's nonce its own: who sent it, and its number among theirs.
struct SRTPSource: BitwiseCopyable {
    let ssrc: UInt32
    /// Of RTP the rollover counter and the sequence number, 48 bits; of RTCP the index, 31 bits.
    let index: UInt64

    /// The word with an SRTCP packet's index: E says that it is encrypted (RFC 3711 §3.4).
    var reportTrailer: UInt32 { 1 << 31 | UInt32(truncatingIfNeeded: index) }

    /// The index of the RTP packet numbered `number`: the one nearest to the highest so far (RFC 3711 §3.3.1, appendix A).
    /// Before half of the numbers have been used, none of them is from before a rollover.
    @inline(__always)
    static func index(of number: UInt16, highest: UInt64) -> UInt64 {
        guard highest > 0x8000 else { return UInt64(number) }
        let latest = UInt16(truncatingIfNeeded: highest)
        var rollovers = highest >> 16
        if latest < 0x8000 {
            if number > latest + 0x8000 { rollovers &-= 1 }
        } else if number < latest - 0x8000 {
            rollovers &+= 1
        }
        return rollovers << 16 | UInt64(number)
    }
}
