/// Why a DTLS session ended, or could not begin.
package enum DTLSError: Error, Equatable, Sendable {
    /// The peer's certificate is not the one its signalling announced.
    case fingerprintMismatch
    /// The handshake was not over in time.
    case timedOut
    /// The peer sent a fatal alert, by its number (RFC 5246 §7.2).
    case alert(UInt8)
    /// The handshake ended without an SRTP profile in common (RFC 5764 §4.1.2).
    case noSRTPProfile
    /// OpenSSL refused what the peer sent, or failed; its reason code.
    case library(Int)
}
