import CSRTP

/// Turns the RTP and RTCP of one direction into SRTP and SRTCP (RFC 3711, RFC 7714), in place, for any SSRC.
///
/// Sealing the same packet twice gives the same bytes. Sealing two *different* packets with one SSRC and sequence number
/// must never happen: both modes are stream ciphers, and GCM then even loses its authentication key (RFC 7714 §8.4).
/// Retransmit by RTX or by sending the sealed bytes again.
package final class SRTPSealer {
    /// Bytes that must be free behind a packet: the tag and, for RTCP, the index.
    package static let maximumOverhead = 20
    /// Bytes of the longest packet sealed.
    package static let maximumLength = 2048

    private var session: SRTPSession
    private var retired: Set<UInt32> = []

    package init(profile: SRTPProfile, key: [UInt8], salt: [UInt8]) throws(SRTPError) {
        session = try SRTPSession(.sealing, profile: profile, key: key, salt: salt)
    }

    /// Seals `length` bytes in place; `maximumOverhead` more must be writable behind them. Returns the sealed length.
    package func seal(rtp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        try seal(.rtp, packet, length)
    }

    /// As `seal(rtp:length:)`, for a compound RTCP packet.
    package func seal(rtcp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        try seal(.rtcp, packet, length)
    }

    /// Frees what is kept for an SSRC that will send no more. Its rollover counter and RTCP index are gone, so to begin
    /// it again would repeat nonces: it is refused from now on. Costs 4 bytes an SSRC.
    package func forget(ssrc: UInt32) {
        if session.remove(ssrc) { retired.insert(ssrc) }
    }

    private func seal(
        _ kind: SRTPPacket, _ packet: UnsafeMutableRawPointer, _ length: Int
    ) throws(SRTPError) -> Int {
        let ssrc = try kind.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        if !session.knows(ssrc), retired.contains(ssrc) { throw .retiredSource }
        var count = Int32(length)
        let status =
            switch kind {
            case .rtp: srtp_protect(session.context, packet, &count)
            case .rtcp: srtp_protect_rtcp(session.context, packet, &count)
            }
        session.note(ssrc)  // libsrtp has made its stream, even if sealing then failed.
        guard status == srtp_err_status_ok else { throw SRTPError(status) }
        return Int(count)
    }
}
