/// How SRTP packets are protected, by the number DTLS negotiates it with (RFC 5764 §4.1.2, RFC 7714 §14.2).
package enum SRTPProfile: UInt16, Sendable, CaseIterable {
    case aeadAES128GCM = 7
    case aeadAES256GCM = 8
    case aes128CMHMACSHA1_80 = 1

    /// Best first: the order in which a server picks.
    package static let preference: [SRTPProfile] = [.aeadAES128GCM, .aeadAES256GCM, .aes128CMHMACSHA1_80]

    /// Encryption and authentication are one (RFC 7714).
    var isAEAD: Bool { self != .aes128CMHMACSHA1_80 }

    /// Bytes of master key.
    package var keyLength: Int {
        switch self {
        case .aeadAES128GCM, .aes128CMHMACSHA1_80: 16
        case .aeadAES256GCM: 32
        }
    }

    /// Bytes of master salt.
    package var saltLength: Int {
        switch self {
        case .aeadAES128GCM, .aeadAES256GCM: 12
        case .aes128CMHMACSHA1_80: 14
        }
    }

    /// Bytes that sealing adds to an RTP packet; RTCP adds `srtcpIndexLength` more.
    package var tagLength: Int {
        switch self {
        case .aeadAES128GCM, .aeadAES256GCM: 16
        case .aes128CMHMACSHA1_80: 10
        }
    }

    /// Bytes of the E flag and index at the end of an SRTCP packet (RFC 3711 §3.4).
    package static let srtcpIndexLength = 4

    /// OpenSSL's name.
    var name: String {
        switch self {
        case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
        case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
        case .aes128CMHMACSHA1_80: "SRTP_AES128_CM_SHA1_80"
        }
    }
}

/// The master keys and salts that a DTLS handshake ends in, one pair a direction (RFC 5764 §4.2).
package struct SRTPKeys: Equatable, Sendable {
    package var profile: SRTPProfile
    /// What this end seals with.
    package var localKey: [UInt8]
    package var localSalt: [UInt8]
    /// What this end opens with.
    package var remoteKey: [UInt8]
    package var remoteSalt: [UInt8]

    /// Bytes of keying material that `profile` takes from DTLS's exporter.
    static func exportLength(of profile: SRTPProfile) -> Int {
        2 * (profile.keyLength + profile.saltLength)
    }

    /// Splits exported material: client's key, server's key, client's salt, server's salt (RFC 5764 §4.2).
    init(exported material: [UInt8], profile: SRTPProfile, role: DTLSRole) {
        precondition(material.count == Self.exportLength(of: profile))
        let (key, salt) = (profile.keyLength, profile.saltLength)
        let keys = [Array(material[..<key]), Array(material[key..<2 * key])]
        let salts = [Array(material[(2 * key)..<(2 * key + salt)]), Array(material[(2 * key + salt)...])]
        let (local, remote) = role == .client ? (0, 1) : (1, 0)
        self.profile = profile
        (localKey, localSalt) = (keys[local], salts[local])
        (remoteKey, remoteSalt) = (keys[remote], salts[remote])
    }
}
