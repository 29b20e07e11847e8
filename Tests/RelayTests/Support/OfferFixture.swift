import Foundation
import Media

@testable import Relay

/// Offers of real clients, kept as they were captured.
enum OfferFixture {
    static func text(_ name: String) throws -> String {
        let url = Bundle.module.bundleURL.appending(path: "Fixtures/sdp/\(name).sdp")
        return try String(contentsOf: url, encoding: .utf8)
    }
}

extension LocalEndpoint {
    static let test = LocalEndpoint(
        fingerprint: Fingerprint(bytes: [UInt8](repeating: 7, count: 32)),
        candidates: LocalEndpoint.candidates(addresses: ["192.0.2.1"], port: 7882), maxMessageSize: 65_536)
}

extension ICECredentials {
    static let test = ICECredentials(ufrag: "ufrag123", password: "password1234567890123456")
}
