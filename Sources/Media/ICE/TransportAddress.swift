/// An IPv4 or IPv6 address and a UDP or TCP port, as plain integers: it is compared and hashed once a datagram.
///
/// An IPv4-mapped IPv6 address (::ffff:1.2.3.4, as a dual-stack socket reports its IPv4 peers) *is* the IPv4 address, so
/// that one peer has one identity and is told its true XOR-MAPPED-ADDRESS. Scope ids are not kept.
///
/// A peer over TCP is its address and the connection that it was accepted on: two connections never mix, although the
/// same address and port may be seen twice (from one peer to two addresses of ours, and one after the other).
package struct TransportAddress: Hashable, Sendable, BitwiseCopyable {
    /// The first eight bytes of an IPv6 address; 0 for IPv4.
    package let high: UInt64
    /// The last eight bytes of an IPv6 address, or the four bytes of an IPv4 address in the low half.
    package let low: UInt64
    package let port: UInt16
    package let isIPv4: Bool
    /// Which TCP connection this is the far end of; 0: none, the address is one of UDP.
    package private(set) var tcpConnection: UInt32 = 0

    package init(ipv4 address: UInt32, port: UInt16) {
        high = 0
        low = UInt64(address)
        self.port = port
        isIPv4 = true
    }

    /// The same address as the far end of a TCP connection, which has a number other than 0.
    package func over(tcpConnection: UInt32) -> Self {
        var address = self
        address.tcpConnection = tcpConnection
        return address
    }

    package init(ipv4 bytes: (UInt8, UInt8, UInt8, UInt8), port: UInt16) {
        let address = UInt32(bytes.0) << 24 | UInt32(bytes.1) << 16 | UInt32(bytes.2) << 8 | UInt32(bytes.3)
        self.init(ipv4: address, port: port)
    }

    package init(ipv6 high: UInt64, _ low: UInt64, port: UInt16) {
        isIPv4 = high == 0 && low >> 32 == 0xFFFF
        self.high = high
        self.low = isIPv4 ? low & 0xFFFF_FFFF : low
        self.port = port
    }

    /// The four bytes of an IPv4 address, the first byte highest; nil for IPv6.
    package var ipv4: UInt32? { isIPv4 ? UInt32(truncatingIfNeeded: low) : nil }

    /// Without the connection: addresses that differ in nothing else are few, and every datagram is looked up by this.
    package func hash(into hasher: inout Hasher) {
        if isIPv4 {
            hasher.combine(low << 16 | UInt64(port))
        } else {
            hasher.combine(high)
            hasher.combine(low)
            hasher.combine(port)
        }
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.low == b.low && a.port == b.port && a.high == b.high && a.isIPv4 == b.isIPv4
            && a.tcpConnection == b.tcpConnection
    }
}
