/// One "m=" section of a session description: a track's transceiver, or the data channels' association.
package struct MediaDescription: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case audio, video, application
        case other(String)

        package var name: String {
            switch self {
            case .audio: "audio"
            case .video: "video"
            case .application: "application"
            case .other(let name): name
            }
        }

        package init(name: String) {
            switch name {
            case "audio": self = .audio
            case "video": self = .video
            case "application": self = .application
            default: self = .other(name)
            }
        }
    }

    package enum Direction: String, Sendable {
        case sendrecv, sendonly, recvonly, inactive

        package init(sends: Bool, receives: Bool) {
            self = sends ? (receives ? .sendrecv : .sendonly) : (receives ? .recvonly : .inactive)
        }

        package var sends: Bool { self == .sendrecv || self == .sendonly }
        package var receives: Bool { self == .sendrecv || self == .recvonly }

        /// The same flow seen from the other end.
        package var reversed: Direction { Direction(sends: receives, receives: sends) }
    }

    package static let rtpProtocol = "UDP/TLS/RTP/SAVPF"
    package static let sctpProtocol = "UDP/DTLS/SCTP"

    package var kind: Kind
    /// 9 (discard) where ICE finds the port; 0 rejects the section, or bundles it only (`isBundleOnly`).
    package var port: UInt16
    package var `protocol`: String
    package var mid: String?
    package var direction: Direction
    /// In order of preference.
    package var codecs: [Codec]
    /// Formats of the "m=" line that are no codecs: "webrtc-datachannel", and payload types that nothing describes.
    package var otherFormats: [String]
    package var headerExtensions: [HeaderExtension]
    package var extmapAllowMixed = false

    package var iceCredentials: ICECredentials?
    package var iceOptions: [String] = []
    package var fingerprint: Fingerprint?
    package var setup: Setup?
    package var candidates: [ICECandidate] = []
    package var endOfCandidates = false

    package var rtcpMux: Bool
    package var rtcpRsize: Bool
    package var isBundleOnly = false
    package var bandwidths: [Bandwidth] = []

    package var msid: MSID?
    package var rids: [RID] = []
    package var simulcast: Simulcast?
    package var ssrcs: [SSRCAttribute] = []
    package var ssrcGroups: [SSRCGroup] = []

    package var sctpPort: UInt16?
    /// Bytes; 0 means no limit (RFC 8841 §6).
    package var maxMessageSize: Int?

    package init(
        kind: Kind, port: UInt16 = 9, protocol: String? = nil, mid: String? = nil, direction: Direction = .sendrecv,
        codecs: [Codec] = [], otherFormats: [String]? = nil, headerExtensions: [HeaderExtension] = [],
        rtcpMux: Bool? = nil, rtcpRsize: Bool? = nil
    ) {
        let isRTP = kind != .application
        self.kind = kind
        self.port = port
        self.protocol = `protocol` ?? (isRTP ? Self.rtpProtocol : Self.sctpProtocol)
        self.mid = mid
        self.direction = direction
        self.codecs = codecs
        self.otherFormats = otherFormats ?? (isRTP ? [] : ["webrtc-datachannel"])
        self.headerExtensions = headerExtensions
        self.rtcpMux = rtcpMux ?? isRTP
        self.rtcpRsize = rtcpRsize ?? isRTP
    }

    /// The formats of the "m=" line: payload types as text, then what is no codec.
    package var formats: [String] { codecs.map { String($0.payloadType) } + otherFormats }

    /// Refused by its sender (RFC 9429 §5.3.1).
    package var isRejected: Bool { port == 0 && !isBundleOnly }

    /// The first codec of that name, in any case.
    package func codec(named name: String) -> Codec? {
        codecs.first { $0.isNamed(name) }
    }

    package func codec(payloadType: UInt8) -> Codec? {
        codecs.first { $0.payloadType == payloadType }
    }

    /// The payload type that retransmits `payloadType` (RFC 4588 §8.1).
    package func rtxPayloadType(for payloadType: UInt8) -> UInt8? {
        codecs.first { $0.isNamed("rtx") && $0.parameters["apt"] == String(payloadType) }?.payloadType
    }

    package func headerExtensionID(uri: String) -> UInt8? {
        headerExtensions.first { $0.uri == uri }?.id
    }

    /// What the section's track belongs to: "a=msid", or "a=ssrc:… msid" of those who write only that.
    package var announcedMSID: MSID? {
        if let msid { return msid }
        guard let value = ssrcs.first(where: { $0.attribute == "msid" })?.value else { return nil }
        return MSID(parsing: Substring(value))
    }

    /// The SSRC that retransmits `ssrc` (RFC 5576 §4.2).
    package func rtxSSRC(for ssrc: UInt32) -> UInt32? {
        ssrcGroups.first { $0.semantics == "FID" && $0.ssrcs.count == 2 && $0.ssrcs[0] == ssrc }?.ssrcs[1]
    }
}

/// "b=": a type as "AS" (kilobits a second) or "TIAS" (bits a second).
package struct Bandwidth: Equatable, Sendable {
    package var type: String
    package var value: UInt64

    package init(type: String, value: UInt64) {
        self.type = type
        self.value = value
    }
}
