/// A username fragment and password, which one side of an ICE session makes up and both use (RFC 8445 §5.3).
package struct ICECredentials: Hashable, Sendable {
    /// Of either part (RFC 8839 §5.4).
    package static let maximumLength = 256

    package var ufrag: String
    package var password: String

    package init(ufrag: String, password: String) {
        self.ufrag = ufrag
        self.password = password
    }

    /// 8 and 24 ice-chars: 48 and 144 bits, more than the 24 and 128 that RFC 8445 §5.3 asks for.
    package static func random(using generator: inout some RandomNumberGenerator) -> ICECredentials {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        func text(_ count: Int) -> String {
            let characters = (0..<count).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] }
            return String(decoding: characters, as: UTF8.self)
        }
        return ICECredentials(ufrag: text(8), password: text(24))
    }
}
