import CSRTP

/// Turns the SRTP and SRTCP of one direction back into RTP and RTCP (RFC 3711, RFC 7714), in place, for any SSRC up to
/// `maximumSources` of them. Keeps nothing for a packet that does not authenticate. A replay window spans 1024 packets.
package final class SRTPOpener {
    /// SSRCs that one peer may send with; `forget` makes room.
    package static let maximumSources = 128
    /// Bytes of the longest packet opened.
    package static let maximumLength = 2048 + SRTPSealer.maximumOverhead

    private(set) var session: SRTPSession

    package init(profile: SRTPProfile, key: [UInt8], salt: [UInt8]) throws(SRTPError) {
        session = try SRTPSession(profile: profile, key: key, salt: salt)
    }

    /// Opens `length` bytes in place. Returns the length of the RTP packet.
    package func open(rtp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        try open(.rtp, packet, length)
    }

    /// As `open(rtp:length:)`, for a compound RTCP packet.
    package func open(rtcp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        try open(.rtcp, packet, length)
    }

    /// SSRCs that packets were opened from and that are not forgotten.
    package var sourceCount: Int { session.sources.count }

    /// Frees what is kept for an SSRC that has left. The replay window goes with it: only the peer knows the key, but
    /// whoever recorded its packets could play them again, so forget only what is not listened to any more.
    package func forget(ssrc: UInt32) {
        _ = session.remove(ssrc)
    }

    private func open(
        _ kind: SRTPPacket, _ packet: UnsafeMutableRawPointer, _ length: Int
    ) throws(SRTPError) -> Int {
        let ssrc = try kind.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        guard session.knows(ssrc) || session.sources.count < Self.maximumSources else { throw .tooManySources }
        var count = Int32(length)
        let status =
            switch kind {
            case .rtp: srtp_unprotect(session.context, packet, &count)
            case .rtcp: srtp_unprotect_rtcp(session.context, packet, &count)
            }
        guard status == srtp_err_status_ok else { throw SRTPError(status) }
        session.note(ssrc)
        return Int(count)
    }
}
