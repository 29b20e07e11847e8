/// A candidate as SDP carries it (RFC 8839 §5.1). Addresses stay text, for browsers hide theirs behind ".local" names.
package struct ICECandidate: Equatable, Sendable {
    package enum Transport: String, Sendable {
        case udp, tcp
    }

    package enum Kind: String, Sendable {
        case host, srflx, prflx, relay

        /// RFC 8445 §5.1.2.2.
        var preference: UInt32 {
            switch self {
            case .host: 126
            case .prflx: 110
            case .srflx: 100
            case .relay: 0
            }
        }
    }

    /// RFC 6544 §4.5.
    package enum TCPType: String, Sendable {
        case active, passive
        case simultaneousOpen = "so"
    }

    /// A name and value after the standard fields, such as "generation" or "network-cost".
    package struct Extension: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var foundation: String
    /// 1 is RTP, 2 an RTCP of its own.
    package var component: Int
    package var transport: Transport
    package var priority: UInt32
    package var address: String
    package var port: UInt16
    package var kind: Kind
    package var tcpType: TCPType?
    package var relatedAddress: String?
    package var relatedPort: UInt16?
    package var extensions: [Extension]

    package init(
        foundation: String, component: Int = 1, transport: Transport = .udp, priority: UInt32, address: String,
        port: UInt16, kind: Kind = .host, tcpType: TCPType? = nil, relatedAddress: String? = nil,
        relatedPort: UInt16? = nil, extensions: [Extension] = []
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.address = address
        self.port = port
        self.kind = kind
        self.tcpType = tcpType
        self.relatedAddress = relatedAddress
        self.relatedPort = relatedPort
        self.extensions = extensions
    }

    /// Where to send; nil for a host name.
    package var transportAddress: TransportAddress? { TransportAddress(address, port: port) }

    /// How often the ICE session has been restarted, as libwebrtc notes it.
    package var generation: Int? {
        extensions.first { $0.name == "generation" }.flatMap { Int($0.value) }
    }

    /// RFC 8445 §5.1.2.1. `localPreference` tells the addresses of one host apart: 65535 for the best.
    package static func priority(kind: Kind, localPreference: UInt16 = 65535, component: Int = 1) -> UInt32 {
        kind.preference << 24 | UInt32(localPreference) << 8 | UInt32(256 - min(max(component, 1), 256))
    }

    /// The same for a passive TCP candidate (RFC 6544 §4.2): a type preference below that of every UDP candidate but
    /// relayed ones, for TCP makes media wait where UDP would lose some; then the direction, in which passive is 4.
    /// `otherPreference` tells the addresses of one host apart: 8191 for the best.
    package static func passivePriority(otherPreference: UInt16 = 8191, component: Int = 1) -> UInt32 {
        let localPreference = UInt32(4) << 13 | UInt32(min(otherPreference, 8191))
        return 90 << 24 | localPreference << 8 | UInt32(256 - min(max(component, 1), 256))
    }
}
