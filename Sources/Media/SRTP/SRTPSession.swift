import CSRTP

/// A libsrtp session that opens, whose streams it makes as it meets their SSRCs. Knows those SSRCs, which libsrtp does not
/// tell.
struct SRTPSession: ~Copyable {
    let context: OpaquePointer
    private(set) var sources: Set<UInt32> = []
    /// Most packets continue the stream of the packet before.
    private var latest: UInt32?

    init(profile: SRTPProfile, key: [UInt8], salt: [UInt8]) throws(SRTPError) {
        guard key.count == profile.keyLength, salt.count == profile.saltLength else { throw .keyLength }
        guard Self.libraryStatus == srtp_err_status_ok else { throw SRTPError(Self.libraryStatus) }
        var policy = Self.policy(for: profile)
        policy.ssrc.type = ssrc_any_inbound
        policy.window_size = 1024
        var context: srtp_t?
        let status = Self.create(&context, &policy, master: key + salt)
        guard status == srtp_err_status_ok, let context else { throw SRTPError(status) }
        self.context = context
    }

    deinit {
        srtp_dealloc(context)
    }

    func knows(_ ssrc: UInt32) -> Bool {
        ssrc == latest || sources.contains(ssrc)
    }

    /// Notes that libsrtp now has a stream for `ssrc`.
    mutating func note(_ ssrc: UInt32) {
        guard ssrc != latest else { return }
        latest = ssrc
        sources.insert(ssrc)
    }

    /// Drops the stream of `ssrc`; false where there was none.
    mutating func remove(_ ssrc: UInt32) -> Bool {
        if latest == ssrc { latest = nil }
        guard sources.remove(ssrc) != nil else { return false }
        srtp_remove_stream(context, ssrc.bigEndian)
        return true
    }

    static func policy(for profile: SRTPProfile) -> srtp_policy_t {
        var policy = srtp_policy_t()
        switch profile {
        case .aeadAES128GCM:
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
        case .aeadAES256GCM:
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp)
        case .aes128CMHMACSHA1_80:
            srtp_crypto_policy_set_rtp_default(&policy.rtp)
            srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        }
        return policy
    }

    private static func create(
        _ context: inout srtp_t?, _ policy: inout srtp_policy_t, master: [UInt8]
    ) -> srtp_err_status_t {
        var master = master
        return master.withUnsafeMutableBufferPointer { bytes in
            policy.key = bytes.baseAddress
            return srtp_create(&context, &policy)
        }
    }

    /// `srtp_init`, once a process, and one session that stays. Where libsrtp is built on NSS, NSS starts with the first
    /// cipher and stops with the last; kept running, a session is made in 40 µs rather than 700.
    private static let libraryStatus: srtp_err_status_t = {
        let status = srtp_init()
        guard status == srtp_err_status_ok else { return status }
        let profile = SRTPProfile.aeadAES128GCM
        var anchor: srtp_t?
        var policy = SRTPSession.policy(for: profile)
        policy.ssrc.type = ssrc_any_inbound
        return create(
            &anchor, &policy, master: [UInt8](repeating: 0, count: profile.keyLength + profile.saltLength))
    }()
}

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
    /// - Parameter length: of the packet, at least that of the fixed header.
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

extension SRTPError {
    init(_ status: srtp_err_status_t) {
        switch status {
        case srtp_err_status_auth_fail: self = .authentication
        case srtp_err_status_replay_fail, srtp_err_status_replay_old: self = .replay
        case srtp_err_status_bad_param, srtp_err_status_parse_err: self = .malformed
        default: self = .other(code: Int(status.rawValue))
        }
    }
}
