/// Turns the SRTP and SRTCP of one direction back into RTP and RTCP (RFC 3711, RFC 7714), in place, for any SSRC up to
/// `maximumSources` of them. Opening neither allocates nor locks, but for a new SSRC.
///
/// A packet counts for nothing before its tag was found right: then only its SSRC is kept and its index noted, in a window of
/// 1024 packets for RTP and 128 for RTCP. SRTCP that is not encrypted is refused: no profile negotiated here allows it
/// (RFC 5764 §4.1.2).
package final class SRTPOpener {
    /// SSRCs that one peer may send with; `forget` makes room.
    package static let maximumSources = 128
    /// Bytes of the longest packet opened.
    package static let maximumLength = 2048 + SRTPSealer.maximumOverhead

    private let profile: SRTPProfile
    private let rtp: SRTPCipher
    private let rtcp: SRTPCipher
    @exclusivity(unchecked) private var sources = SRTPSources()

    package init(
        profile: SRTPProfile, key: [UInt8], salt: [UInt8], engine: SealingEngine = .fastest
    ) throws(SRTPError) {
        guard key.count == profile.keyLength, salt.count == profile.saltLength else { throw .keyLength }
        self.profile = profile
        rtp = try SRTPCipher(.rtp, .opening, profile: profile, key: key, salt: salt, engine: engine)
        rtcp = try SRTPCipher(.rtcp, .opening, profile: profile, key: key, salt: salt, engine: engine)
    }

    /// Opens `length` bytes in place. Returns the length of the RTP packet.
    package func open(rtp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        let ssrc = try SRTPPacket.rtp.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        let end = length - profile.tagLength
        let header = try SRTPPacket.rtpHeaderLength(packet, length: end)
        let isKnown = try select(ssrc)
        let number = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        let index = SRTPSource.index(of: number, highest: isKnown ? sources.selected.media.highest : 0)
        guard !isKnown || sources.selected.media.admits(index) else { throw .replay }
        let source = SRTPSource(ssrc: ssrc, index: index)
        guard rtp.open(rtp: packet, header: header, length: end, source: source) else { throw .authentication }
        if !isKnown { sources.add(ssrc) }
        sources.selected.media.take(index)
        return end
    }

    /// As `open(rtp:length:)`, for a compound RTCP packet.
    package func open(rtcp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        let ssrc = try SRTPPacket.rtcp.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        let end = length - profile.tagLength - SRTPProfile.srtcpIndexLength
        guard end >= 8 else { throw .malformed }
        // The index is behind the tag of an AEAD, and before that of any other.
        let place = profile.isAEAD ? length - SRTPProfile.srtcpIndexLength : end
        let trailer = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        let source = SRTPSource(ssrc: ssrc, index: UInt64(trailer & 0x7fff_ffff))
        guard trailer == source.reportTrailer else { throw .malformed }
        let isKnown = try select(ssrc)
        guard !isKnown || sources.selected.reports.admits(source.index) else { throw .replay }
        guard rtcp.open(rtcp: packet, header: 8, length: end, source: source) else { throw .authentication }
        if !isKnown { sources.add(ssrc) }
        sources.selected.reports.take(source.index)
        return end
    }

    /// SSRCs that packets were opened from and that are not forgotten.
    package var sourceCount: Int { sources.count }

    /// Frees what is kept for an SSRC that has left. The replay window goes with it: only the peer knows the key, but
    /// whoever recorded its packets could play them again, so forget only what is not listened to any more.
    package func forget(ssrc: UInt32) {
        sources.remove(ssrc)
    }

    /// Makes `ssrc` the selected source. Returns false where it is new, and there is room for it.
    @inline(__always)
    private func select(_ ssrc: UInt32) throws(SRTPError) -> Bool {
        if sources.select(ssrc) { return true }
        guard sources.count < Self.maximumSources else { throw .tooManySources }
        return false
    }
}

/// What has come from each SSRC of an opener.
private struct SRTPSources {
    struct Source: BitwiseCopyable {
        let ssrc: UInt32
        var media = ReplayWindow<17>()
        var reports = ReplayWindow<3>()
    }

    /// Few: those of the tracks that one connection carries.
    private var sources: [Source] = []
    /// Most packets continue the stream of the packet before.
    private var current = 0

    var count: Int { sources.count }

    /// The one that `select` found, or that was just added.
    @inline(__always)
    var selected: Source {
        get { sources[current] }
        _modify { yield &sources[current] }
    }

    /// False where there is no such source.
    @inline(__always)
    mutating func select(_ ssrc: UInt32) -> Bool {
        if current < sources.count, sources[current].ssrc == ssrc { return true }
        guard let found = sources.firstIndex(where: { $0.ssrc == ssrc }) else { return false }
        current = found
        return true
    }

    mutating func add(_ ssrc: UInt32) {
        sources.append(Source(ssrc: ssrc))
        current = sources.count - 1
    }

    mutating func remove(_ ssrc: UInt32) {
        sources.removeAll { $0.ssrc == ssrc }
    }
}
