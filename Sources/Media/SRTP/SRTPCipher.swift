/// How one direction's RTP or RTCP is encrypted and authenticated, with its session keys.
enum SRTPCipher: ~Copyable {
    case gcm(GCMCipher)
    case counterMode(CounterModeCipher)

    enum Direction {
        case sealing
        case opening
    }

    init(
        _ kind: SRTPPacket, _ direction: Direction, profile: SRTPProfile, key: [UInt8], salt: [UInt8],
        engine: SealingEngine
    ) throws(SRTPError) {
        let keys = try SRTPSessionKeys(kind, profile: profile, key: key, salt: salt)
        if profile.isAEAD {
            self = .gcm(try GCMCipher(keys, direction, engine: engine))
        } else {
            self = .counterMode(try CounterModeCipher(keys))
        }
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

    /// Verifies the tag behind `length` bytes, then decrypts what is between `header` and it in place. False when the tag is not
    /// right, or the library fails; the bytes are then worthless.
    @inline(__always)
    func open(rtp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Bool {
        switch self {
        case .gcm(let cipher): cipher.open(rtp: packet, header: header, length: length, source: source)
        case .counterMode(let cipher): cipher.open(rtp: packet, header: header, length: length, source: source)
        }
    }

    /// As `open(rtp:…)`, for a compound RTCP packet, behind which are tag and index.
    func open(rtcp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Bool {
        switch self {
        case .gcm(let cipher): cipher.open(rtcp: packet, header: header, length: length, source: source)
        case .counterMode(let cipher): cipher.open(rtcp: packet, header: header, length: length, source: source)
        }
    }
}
