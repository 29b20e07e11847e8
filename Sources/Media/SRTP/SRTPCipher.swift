/// How one direction's RTP or RTCP is encrypted and authenticated, with its session keys.
enum SRTPCipher: ~Copyable {
    case gcm(GCMCipher)
    case counterMode(CounterModeCipher)

    init(
        _ kind: SRTPPacket, profile: SRTPProfile, key: [UInt8], salt: [UInt8], engine: SealingEngine
    ) throws(SRTPError) {
        let keys = try SRTPSessionKeys(kind, profile: profile, key: key, salt: salt)
        self = profile.isAEAD ? .gcm(try GCMCipher(keys, engine: engine)) : .counterMode(try CounterModeCipher(keys))
    }

    /// Asks the processor to fetch the key.
    @inline(__always)
    func prefetchKey() {
        switch self {
        case .gcm(let cipher): cipher.prefetchKey()
        case .counterMode: break
        }
    }

    /// Encrypts what is behind `header` bytes in place. Returns the sealed length; nil when the library fails.
    @inline(__always)
    func seal(rtp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Int? {
        switch self {
        case .gcm(let cipher): cipher.seal(rtp: packet, header: header, length: length, source: source)
        case .counterMode(let cipher): cipher.seal(rtp: packet, header: header, length: length, source: source)
        }
    }

    /// As `seal(rtp:…)`, for a compound RTCP packet.
    func seal(rtcp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Int? {
        switch self {
        case .gcm(let cipher): cipher.seal(rtcp: packet, header: header, length: length, source: source)
        case .counterMode(let cipher): cipher.seal(rtcp: packet, header: header, length: length, source: source)
        }
    }
}

/// What makes a packet's nonce its own: who sent it, and its number among theirs.
struct SRTPSource: BitwiseCopyable {
    let ssrc: UInt32
    /// Of RTP the rollover counter and the sequence number, 48 bits; of RTCP the index, 31 bits.
    let index: UInt64

    /// The word with an SRTCP packet's index: E says that it is encrypted (RFC 3711 §3.4).
    var reportTrailer: UInt32 { 1 << 31 | UInt32(truncatingIfNeeded: index) }
}
