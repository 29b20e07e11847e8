import CSRTP
import Testing

@testable import Media

/// libsrtp, whose sealing and opening ours must equal bit by bit.
final class LibSRTP {
    private let context: srtp_t
    private static let status = srtp_init()

    init(_ profile: SRTPProfile, _ direction: SRTPCipher.Direction, key: [UInt8], salt: [UInt8]) throws {
        #expect(Self.status == srtp_err_status_ok)
        var policy = Self.policy(for: profile)
        policy.ssrc.type = direction == .sealing ? ssrc_any_outbound : ssrc_any_inbound
        policy.window_size = 1024
        policy.allow_repeat_tx = direction == .sealing ? 1 : 0
        var context: srtp_t?
        var master = key + salt
        let status = master.withUnsafeMutableBufferPointer { bytes in
            policy.key = bytes.baseAddress
            return srtp_create(&context, &policy)
        }
        #expect(status == srtp_err_status_ok)
        self.context = try #require(context)
    }

    deinit { srtp_dealloc(context) }

    private static func policy(for profile: SRTPProfile) -> srtp_policy_t {
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

    func sealed(_ kind: SRTPPacket, _ packet: [UInt8]) -> [UInt8] {
        var buffer = packet + [UInt8](repeating: 0, count: SRTPSealer.maximumOverhead)
        var count = Int32(packet.count)
        let status =
            kind == .rtp ? srtp_protect(context, &buffer, &count) : srtp_protect_rtcp(context, &buffer, &count)
        #expect(status == srtp_err_status_ok)
        return Array(buffer.prefix(Int(count)))
    }

    /// What `packet` holds, or why it is refused; a refusal that has no name of ours is `malformed`.
    func opened(_ kind: SRTPPacket, _ packet: [UInt8]) -> Result<[UInt8], SRTPError> {
        var buffer = packet
        var count = Int32(packet.count)
        let status =
            kind == .rtp ? srtp_unprotect(context, &buffer, &count) : srtp_unprotect_rtcp(context, &buffer, &count)
        return switch status {
        case srtp_err_status_ok: .success(Array(buffer.prefix(Int(count))))
        case srtp_err_status_auth_fail: .failure(.authentication)
        case srtp_err_status_replay_fail, srtp_err_status_replay_old: .failure(.replay)
        default: .failure(.malformed)
        }
    }
}
