/// An offer or answer as WebRTC uses SDP (RFC 8866, RFC 9429), reduced to what a media server negotiates.
///
/// Text that is not modelled (times, connection addresses, `a=rtcp`, unknown attributes) is skipped when parsing, and
/// written with the constants of RFC 9429 §5.2.1. Equality is that of the model: parsing what was serialized gives the
/// same description, though not the same text.
package struct SessionDescription: Equatable, Sendable {
    package struct Origin: Equatable, Sendable {
        package var username: String
        package var sessionID: UInt64
        /// Grows by one with each new description of the session.
        package var version: UInt64

        package init(username: String = "-", sessionID: UInt64, version: UInt64) {
            self.username = username
            self.sessionID = sessionID
            self.version = version
        }
    }

    package var origin: Origin
    /// The mids that share one transport (RFC 9143), the one that carries it first; empty without BUNDLE.
    package var groupBundle: [String]
    package var isICELite: Bool
    package var iceOptions: [String]
    /// At session level, where sections inherit it; see `iceCredentials(of:)`.
    package var iceCredentials: ICECredentials?
    /// At session level, where sections inherit it; see `fingerprint(of:)`.
    package var fingerprint: Fingerprint?
    /// At session level, where sections inherit it; see `setup(of:)`.
    package var setup: Setup?
    /// One-byte and two-byte header extensions may be mixed (RFC 8285 §6).
    package var extmapAllowMixed: Bool
    /// What follows "a=msid-semantic:", as "WMS *".
    package var msidSemantic: String?
    package var media: [MediaDescription]

    package init(
        origin: Origin, groupBundle: [String] = [], isICELite: Bool = false, iceOptions: [String] = [],
        iceCredentials: ICECredentials? = nil, fingerprint: Fingerprint? = nil, setup: Setup? = nil,
        extmapAllowMixed: Bool = false, msidSemantic: String? = nil, media: [MediaDescription] = []
    ) {
        self.origin = origin
        self.groupBundle = groupBundle
        self.isICELite = isICELite
        self.iceOptions = iceOptions
        self.iceCredentials = iceCredentials
        self.fingerprint = fingerprint
        self.setup = setup
        self.extmapAllowMixed = extmapAllowMixed
        self.msidSemantic = msidSemantic
        self.media = media
    }

    package func media(mid: String) -> MediaDescription? {
        media.first { $0.mid == mid }
    }

    /// The section's own value, or the session's.
    package func iceCredentials(of section: MediaDescription) -> ICECredentials? {
        section.iceCredentials ?? iceCredentials
    }

    /// The section's own value, or the session's.
    package func fingerprint(of section: MediaDescription) -> Fingerprint? {
        section.fingerprint ?? fingerprint
    }

    /// The section's own value, or the session's.
    package func setup(of section: MediaDescription) -> Setup? {
        section.setup ?? setup
    }
}

/// Who opens the DTLS connection (RFC 5763 §5).
package enum Setup: String, Sendable {
    case actpass, active, passive, holdconn
}
