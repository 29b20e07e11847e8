import Media

/// The header extensions that travel with a packet from its publisher to its viewers, under the identifiers that every
/// viewer's connection uses. The server offers those connections, so the numbers are its own choice, and a packet's
/// extension block is written once for all viewers. Everything else a publisher sends (mid, rid, transport-wide
/// sequence numbers, send times) is between the publisher and the server and ends there.
///
/// Identifiers 1...14 that are not listed are free for what a viewer's own connection adds.
package enum CanonicalExtension: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    case audioLevel = 1
    case videoOrientation = 4
    case playoutDelay = 6
    case absCaptureTime = 7
    /// Often longer than 16 bytes, and then it needs the two-byte form, which a viewer must have agreed to
    /// (`a=extmap-allow-mixed`).
    case dependencyDescriptor = 8

    /// For `a=extmap`.
    package var uri: String {
        switch self {
        case .audioLevel: RTPExtensionURI.audioLevel
        case .videoOrientation: RTPExtensionURI.videoOrientation
        case .playoutDelay: RTPExtensionURI.playoutDelay
        case .absCaptureTime: RTPExtensionURI.absCaptureTime
        case .dependencyDescriptor: RTPExtensionURI.dependencyDescriptor
        }
    }

    package init?(uri: String) {
        guard let match = Self.allCases.first(where: { $0.uri == uri }) else { return nil }
        self = match
    }

    /// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2), which each viewer's
    /// connection adds to its copy of a packet.
    package static let transportWideCC: UInt8 = 3
}

/// From the identifiers one publisher negotiated to the canonical ones.
package struct ExtensionMap: Sendable {
    /// Indexed by the publisher's identifier; 0 where the element is not passed on.
    private var canonical = InlineArray<256, UInt8>(repeating: 0)

    package init() {}

    /// - Parameter negotiated: identifier and URI as in `a=extmap`; unknown URIs are left out.
    package init(negotiated: some Sequence<(id: UInt8, uri: String)>) {
        for (id, uri) in negotiated {
            if let known = CanonicalExtension(uri: uri) { self[id] = known }
        }
    }

    package subscript(id: UInt8) -> CanonicalExtension? {
        get { CanonicalExtension(rawValue: canonical[Int(id)]) }
        set { canonical[Int(id)] = newValue?.rawValue ?? 0 }
    }
}
