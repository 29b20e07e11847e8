/// How the relay is set up. Fixed once it has started.
package struct RelayConfiguration: Sendable {
    /// An address literal that the media ports are bound to; `::` stands for every address of both families.
    package var host: String
    /// 0: the kernel chooses.
    package var udpPort: Int
    /// Media over TCP, for clients whose network lets no UDP through (RFC 6544); 0: the kernel chooses; nil: none.
    package var tcpPort: Int?
    /// What clients are told to send to, the preferred one first.
    package var advertisedAddresses: [String]
    /// Worker threads; 0: one a core.
    package var workers: Int
    package var limits: RelayLimits
    /// Seconds that a room stays open with nobody in it: before anyone has joined, and after the last one left.
    package var emptyTimeout = 300
    package var departureTimeout = 20

    package init(
        host: String = "127.0.0.1", udpPort: Int = 7882, tcpPort: Int? = nil,
        advertisedAddresses: [String] = ["127.0.0.1"], workers: Int = 0, limits: RelayLimits = RelayLimits()
    ) {
        self.host = host
        self.udpPort = udpPort
        self.tcpPort = tcpPort
        self.advertisedAddresses = advertisedAddresses
        self.workers = workers
        self.limits = limits
    }
}

/// Caps on what one participant, or one room, may make grow.
package struct RelayLimits: Sendable {
    package var rooms = 10_000
    /// Tracks that one participant may announce or publish.
    package var tracks = 16
    /// Tracks that one participant may receive.
    package var subscriptions = 60
    /// Bytes of a name, identity or room name.
    package var name = 256
    /// Bytes of metadata, of a room or a participant.
    package var metadata = 65_536
    /// Bytes of all attributes together.
    package var attributes = 65_536
    /// Participants of a room up to which everyone is told of everyone; see `Room.shows`.
    package var roster = 100
    package var data = DataLimits()

    package init() {}
}
