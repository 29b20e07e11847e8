/// What a datagram on a WebRTC port is, told by its first two bytes: RFC 7983 for the protocol, RFC 5761 §4 for RTP or
/// RTCP (payload types 192...223 in the second byte are RTCP's). Anything shorter than its protocol's fixed header is
/// `unknown`, as are ZRTP and TURN channels.
package enum DatagramKind: Sendable, BitwiseCopyable {
    case stun
    case dtls
    case rtp
    case rtcp
    case unknown

    @inlinable
    package static func classify(_ datagram: RawSpan) -> DatagramKind {
        let count = datagram.byteCount
        guard count >= 8 else { return .unknown }
        let first = datagram.unsafeLoad(fromUncheckedByteOffset: 0, as: UInt8.self)
        switch first {
        case 128...191:
            let second = datagram.unsafeLoad(fromUncheckedByteOffset: 1, as: UInt8.self)
            if 192...223 ~= second { return .rtcp }
            return count >= 12 ? .rtp : .unknown
        case 0...3: return count >= 20 ? .stun : .unknown
        case 20...63: return count >= 13 ? .dtls : .unknown
        default: return .unknown
        }
    }
}
