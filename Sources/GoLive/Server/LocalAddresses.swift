import Glibc

/// The addresses at which this machine can be reached, for clients to send media to.
package enum LocalAddresses {
    /// What to bind for every address that the machine has: of both families where it has IPv6.
    package static var any: String {
        let descriptor = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return "0.0.0.0" }
        close(descriptor)
        return "::"
    }

    /// - Parameters:
    ///   - host: the address that sockets are bound to; if it names one, that is the answer.
    static func advertised(host: String, stated: [String]) -> [String] {
        if !stated.isEmpty { return stated }
        if host != "0.0.0.0", host != "::" { return [host] }
        return choose(interfaces(), sixToo: host == "::")
    }

    /// Addresses beyond this machine, or else what there is.
    static func choose(_ addresses: [String], sixToo: Bool) -> [String] {
        // An address with a scope means nothing to others.
        let usable = addresses.filter { (sixToo || !$0.contains(":")) && !$0.contains("%") }
        let global = usable.filter { !isLocal($0) }
        return global.isEmpty ? usable : global
    }

    /// Loopback or link-local (RFC 1122 §3.2.1.3, RFC 3927, RFC 4291 §2.5).
    private static func isLocal(_ address: String) -> Bool {
        address.hasPrefix("127.") || address.hasPrefix("169.254.") || address == "::1"
            || address.lowercased().hasPrefix("fe80:")
    }

    /// Of the interfaces that are up, in the kernel's order.
    private static func interfaces() -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var addresses: [String] = []
        var next = first
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard
                interface.ifa_flags & UInt32(IFF_UP) != 0, let address = interface.ifa_addr,
                let text = text(address), !addresses.contains(text)
            else { continue }
            addresses.append(text)
        }
        return addresses
    }

    private static func text(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
        let length: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(address, socklen_t(length), &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
