import Media

/// One peer connection of one participant.
package struct TransportID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package var description: String { "transport \(rawValue)" }
}

/// Which way media flows over a peer connection. A participant has up to two, as LiveKit's clients expect.
enum TransportDirection: Sendable {
    /// The participant publishes: the client offers.
    case incoming
    /// The participant subscribes: we offer.
    case outgoing
}

/// What a worker needs to accept a peer connection, made before anything arrives.
struct TransportSetup: Sendable {
    var id: TransportID
    var direction: TransportDirection
    var credentials: ICECredentials
    /// Those before the last ICE restart, which the peer uses until it has learnt of the new ones.
    var formerCredentials: ICECredentials?
    var certificate: DTLSCertificate
    var limits: DataLimits
}

/// How much data one participant may send.
package struct DataLimits: Sendable {
    /// Bytes in one message.
    package var messageSize = 65_536
    /// Messages and bytes a second, as long-term averages; twice as much at once.
    package var messagesPerSecond = 200
    package var bytesPerSecond = 1 << 20

    package init() {}
}
