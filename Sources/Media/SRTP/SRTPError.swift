/// Why a packet was not sealed or opened. The packet's bytes are then worthless; the session goes on.
package enum SRTPError: Error, Equatable, Sendable {
    /// Not sealed with this key, or changed on the way.
    case authentication
    /// Seen before, or too old to tell.
    case replay
    /// Not an RTP or RTCP packet, or one too long to seal.
    case malformed
    /// A new SSRC where `SRTPOpener.maximumSources` are already known.
    case tooManySources
    /// An SSRC that the sealer has forgotten, and must not use again.
    case retiredSource
    /// A key or salt whose length is not the profile's.
    case keyLength
    /// As many RTCP packets as one key may seal (RFC 3711 §9.2).
    case keyUsedUp
    /// The library failed.
    case library
}
