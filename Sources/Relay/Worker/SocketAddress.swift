import CSocket
import Glibc
import Media

/// `TransportAddress` to and from the kernel's socket addresses.
extension TransportAddress {
    static let socketAddressCapacity = MemoryLayout<sockaddr_in6>.size

    /// Writes a `sockaddr_in` or `sockaddr_in6` and returns its length.
    @inline(__always)
    func write(to raw: UnsafeMutableRawPointer) -> socklen_t {
        if isIPv4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            raw.storeBytes(of: address, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        raw.storeBytes(of: address, as: sockaddr_in6.self)
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }

    /// Reads what the kernel wrote; nil for another family.
    @inline(__always)
    init?(socketAddress raw: UnsafeRawPointer) {
        switch Int32(raw.load(as: sa_family_t.self)) {
        case AF_INET:
            let address = raw.loadUnaligned(as: sockaddr_in.self)
            self.init(ipv4: UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = raw.loadUnaligned(as: sockaddr_in6.self)
            let (high, low) = withUnsafeBytes(of: address.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self.init(ipv6: high, low, port: UInt16(bigEndian: address.sin6_port))
        default:
            return nil
        }
    }

    /// What a socket is to be bound to: an address literal.
    init(bindable host: String, port: Int) throws(RelayStartError) {
        guard let address = TransportAddress(host, port: UInt16(truncatingIfNeeded: port)) else {
            throw RelayStartError("'\(host)' is not an IP address")
        }
        self = address
    }

    /// Binds a socket of the address's family, `::` for IPv4 as well; the port it got, or nil with errno.
    func bind(_ descriptor: Int32) -> Int? {
        if !isIPv4, high == 0, low == 0 { _ = golive_accept_both_families(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: Self.socketAddressCapacity, alignment: 8) { raw in
            let name = raw.baseAddress!
            var length = write(to: name)
            let socketAddress = name.assumingMemoryBound(to: sockaddr.self)
            guard Glibc.bind(descriptor, socketAddress, length) == 0 else { return nil }
            length = socklen_t(Self.socketAddressCapacity)
            getsockname(descriptor, socketAddress, &length)
            return TransportAddress(socketAddress: name).map { Int($0.port) } ?? Int(port)
        }
    }
}
