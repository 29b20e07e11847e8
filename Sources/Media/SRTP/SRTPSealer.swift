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

    /// Bytes from the start of an instance in which everything lies that sealing with GCM touches, but for the key.
    @inlinable
    package static var hotSize: Int { 320 }

    @exclusivity(unchecked) private var streams = SRTPStreams()
    private let rtp: SRTPCipher
    private let rtcp: SRTPCipher
    private var retired: Set<UInt32> = []

    package init(
        profile: SRTPProfile, key: [UInt8], salt: [UInt8], engine: SealingEngine = .fastest
    ) throws(SRTPError) {
        guard key.count == profile.keyLength, salt.count == profile.saltLength else { throw .keyLength }
        rtp = try SRTPCipher(.rtp, .sealing, profile: profile, key: key, salt: salt, engine: engine)
        rtcp = try SRTPCipher(.rtcp, .sealing, profile: profile, key: key, salt: salt, engine: engine)
    }

    /// Seals `length` bytes in place; `maximumOverhead` more must be writable behind them. Returns the sealed length.
    package func seal(rtp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        let ssrc = try SRTPPacket.rtp.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        let header = try SRTPPacket.rtpHeaderLength(packet, length: length)
        try admit(ssrc)
        let number = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        let source = SRTPSource(ssrc: ssrc, index: streams.index(of: number))
        guard let sealed = rtp.seal(rtp: packet, header: header, length: length, source: source) else {
            throw .library
        }
        return sealed
    }

    /// As `seal(rtp:length:)`, for a compound RTCP packet.
    package func seal(rtcp packet: UnsafeMutableRawPointer, length: Int) throws(SRTPError) -> Int {
        let ssrc = try SRTPPacket.rtcp.ssrc(of: packet, length: length, maximum: Self.maximumLength)
        try admit(ssrc)
        let source = SRTPSource(ssrc: ssrc, index: try streams.nextReportIndex())
        guard let sealed = rtcp.seal(rtcp: packet, header: 8, length: length, source: source) else {
            throw .library
        }
        return sealed
    }

    /// Asks the processor to fetch the key that `seal(rtp:length:)` will use; it takes a microsecond out of memory.
    @inline(__always)
    package func prefetchKey() { rtp.prefetchKey() }

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

    /// The stream of the packet before, which most packets continue; nil when that was removed.
    private var current: Stream?
    /// Few: those of the other tracks that one connection carries.
    private var others: [Stream] = []

    /// Makes the stream of `ssrc` the current one; false where there is none.
    @inline(__always)
    mutating func select(_ ssrc: UInt32) -> Bool {
        if let current, current.ssrc == ssrc { return true }
        return exchange(for: ssrc)
    }

    private mutating func exchange(for ssrc: UInt32) -> Bool {
        guard let found = others.firstIndex(where: { $0.ssrc == ssrc }) else { return false }
        let next = others[found]
        if let current { others[found] = current } else { others.remove(at: found) }
        current = next
        return true
    }

    /// Begins a stream, which is then the current one.
    mutating func add(_ ssrc: UInt32) {
        if let current { others.append(current) }
        current = Stream(ssrc: ssrc)
    }

    mutating func remove(_ ssrc: UInt32) -> Bool {
        guard select(ssrc) else { return false }
        current = nil
        return true
    }

    /// The index of a packet of the current stream.
    @inline(__always)
    mutating func index(of number: UInt16) -> UInt64 {
        let index = SRTPSource.index(of: number, highest: current!.highest)
        if index > current!.highest { current!.highest = index }
        return index
    }

    /// The index of the next SRTCP packet of the current stream; throws after 2³¹ − 1 of them, when the key is used up.
    mutating func nextReportIndex() throws(SRTPError) -> UInt64 {
        guard current!.report < 0x7fff_ffff else { throw .keyUsedUp }
        current!.report += 1
        return UInt64(current!.report)
    }
}
