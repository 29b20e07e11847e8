/// Turns the RTP and RTCP of one direction into SRTP and SRTCP (RFC 3711, RFC 7714), in place, for any SSRC. Sealing neither
/// allocates nor locks.
///
/// Sealing the same packet twice gives the same bytes. Sealing two *different* packets with one SSRC and sequence number
/// must never happen: both modes are stream ciphers, and GCM then even loses its authentication key (RFC 7714 §8.4).
/// Retransmit by RTX or by sending the sealed bytes again.
package final class SRTPSealer {
    /// Bytes that must be free behind a packet: the tag and, for RTCP, the index.
    package static let maximumOverhead = 20
    /// Bytes of the longest packet sealed.
    package static let maximumLength = 2048

    private let rtp: SRTPCipher
    private let rtcp: SRTPCipher
    @exclusivity(unchecked) private var streams = SRTPStreams()
    private var retired: Set<UInt32> = []

    package init(
        profile: SRTPProfile, key: [UInt8], salt: [UInt8], engine: SealingEngine = .fastest
    ) throws(SRTPError) {
        guard key.count == profile.keyLength, salt.count == profile.saltLength else { throw .keyLength }
        rtp = try SRTPCipher(.rtp, profile: profile, key: key, salt: salt, engine: engine)
        rtcp = try SRTPCipher(.rtcp, profile: profile, key: key, salt: salt, engine: engine)
    }

    /// Seals `length` bytes in place; `maximumOverhead` more must be writable behind them. Returns the sealed length.
    package func seal(rtp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        let ssrc = try SRTPPacket.rtp.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        let header = try SRTPPacket.rtpHeaderLength(packet, length: length)
        try admit(ssrc)
        let number = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        let source = SRTPSource(ssrc: ssrc, index: streams.index(of: number))
        guard let sealed = rtp.seal(rtp: packet, header: header, length: length, source: source) else {
            throw .other(code: 0)
        }
        return sealed
    }

    /// As `seal(rtp:length:)`, for a compound RTCP packet.
    package func seal(rtcp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        let ssrc = try SRTPPacket.rtcp.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        try admit(ssrc)
        let source = SRTPSource(ssrc: ssrc, index: try streams.nextReportIndex())
        guard let sealed = rtcp.seal(rtcp: packet, header: 8, length: length, source: source) else {
            throw .other(code: 0)
        }
        return sealed
    }

    /// Frees what is kept for an SSRC that will send no more. Its rollover counter and RTCP index are gone, so to begin
    /// it again would repeat nonces: it is refused from now on. Costs 4 bytes an SSRC.
    package func forget(ssrc: UInt32) {
        if streams.remove(ssrc) { retired.insert(ssrc) }
    }

    /// Makes the stream of `ssrc` the current one.
    @inline(__always)
    private func admit(_ ssrc: UInt32) throws(SRTPError) {
        if streams.select(ssrc) { return }
        guard !retired.contains(ssrc) else { throw .retiredSource }
        streams.add(ssrc)
    }
}

/// How far each SSRC of a sealer has come.
private struct SRTPStreams {
    private struct Stream: BitwiseCopyable {
        let ssrc: UInt32
        /// The next SRTCP index, less one.
        var report: UInt32 = 0
        /// The highest RTP index sealed.
        var highest: UInt64 = 0
    }

    /// Few: those of the tracks that one connection carries.
    private var streams: [Stream] = []
    /// Most packets continue the stream of the packet before.
    private var current = 0

    /// Makes the stream of `ssrc` the current one; false where there is none.
    @inline(__always)
    mutating func select(_ ssrc: UInt32) -> Bool {
        if current < streams.count, streams[current].ssrc == ssrc { return true }
        guard let found = streams.firstIndex(where: { $0.ssrc == ssrc }) else { return false }
        current = found
        return true
    }

    /// Begins a stream, which is then the current one.
    mutating func add(_ ssrc: UInt32) {
        streams.append(Stream(ssrc: ssrc))
        current = streams.count - 1
    }

    mutating func remove(_ ssrc: UInt32) -> Bool {
        let count = streams.count
        streams.removeAll { $0.ssrc == ssrc }
        return streams.count < count
    }

    /// The index of a packet of the current stream: the one nearest to the highest so far (RFC 3711 §3.3.1). Before half of
    /// the numbers have been used, none of them is from before a rollover.
    @inline(__always)
    mutating func index(of number: UInt16) -> UInt64 {
        let highest = streams[current].highest
        var index = UInt64(number)
        if highest > 0x8000 {
            let step = Int16(bitPattern: number &- UInt16(truncatingIfNeeded: highest))
            index = highest &+ UInt64(bitPattern: Int64(step))
        }
        if index > highest { streams[current].highest = index }
        return index
    }

    /// The index of the next SRTCP packet of the current stream; throws after 2³¹ − 1 of them, when the key is used up.
    mutating func nextReportIndex() throws(SRTPError) -> UInt64 {
        guard streams[current].report < 0x7fff_ffff else { throw .keyUsedUp }
        streams[current].report += 1
        return UInt64(streams[current].report)
    }
}
