import Media
import Testing

@Suite struct ICETransportAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1:5"), ("0.0.0.0", "0.0.0.0:5"), ("255.255.255.255", "255.255.255.255:5"),
        ("::", "[::]:5"), ("::1", "[::1]:5"), ("fe80::", "[fe80::]:5"),
        ("2001:DB8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:5"),
        ("1:0:0:2:0:0:0:3", "[1:0:0:2::3]:5"), ("1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]:5"),
        ("1:0:3:4:5:6:7:8", "[1:0:3:4:5:6:7:8]:5"), ("64:ff9b::192.0.2.33", "[64:ff9b::c000:221]:5"),
        ("::ffff:192.0.2.1", "192.0.2.1:5"), ("1::8", "[1::8]:5"), ("::2:3:4:5:6:7:8", "[0:2:3:4:5:6:7:8]:5"),
    ]) func `a literal is read and written in its shortest form`(text: String, written: String) throws {
        let address = try #require(TransportAddress(text, port: 5))
        #expect(address.description == written)
        #expect(TransportAddress(address.host, port: 5) == address)
    }

    @Test(arguments: [
        "", ".", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1.2.3.0004", "1..2.3", "host.local", "a.b.c.d",
        ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "12345::", "g::", "::1%eth0",
        "[::1]", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", " 1.2.3.4",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    ]) func `anything else is no address`(text: String) {
        #expect(TransportAddress(text, port: 5) == nil)
    }

    @Test func `equal addresses hash alike and different ones are not equal`() {
        let a = TransportAddress(ipv4: (192, 0, 2, 1), port: 7)
        #expect(a == TransportAddress(ipv4: 0xC000_0201, port: 7))
        #expect(a.hashValue == TransportAddress("192.0.2.1", port: 7)?.hashValue)
        #expect(a == TransportAddress(ipv6: 0, 0xFFFF_C000_0201, port: 7))
        #expect(a.ipv4 == 0xC000_0201)
        let others = [
            TransportAddress(ipv4: (192, 0, 2, 1), port: 8), TransportAddress(ipv4: (192, 0, 2, 2), port: 7),
            TransportAddress(ipv6: 0, 0xC000_0201, port: 7), TransportAddress(ipv6: 1, 0xC000_0201, port: 7),
        ]
        #expect(Set(others + [a]).count == 5)
    }

    @Test func `random credentials are ice-chars of the stated lengths`() {
        var generator = ICESplitMix(seed: 3)
        let a = ICECredentials.random(using: &generator)
        let b = ICECredentials.random(using: &generator)
        #expect(a.ufrag.utf8.count == 8 && a.password.utf8.count == 24)
        #expect(a.ufrag != b.ufrag && a.password != b.password)
        #expect(
            (a.ufrag + a.password).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+" || $0 == "/") })
    }

    @Test func `one address over UDP and over two TCP connections is three peers`() throws {
        let address = try #require(TransportAddress("192.0.2.1", port: 5))
        let peers = [address, address.over(tcpConnection: 1), address.over(tcpConnection: 2)]
        #expect(Set(peers).count == 3)
        #expect(peers.map(\.tcpConnection) == [0, 1, 2])
        #expect(peers.allSatisfy { $0.description == "192.0.2.1:5" })
    }
}
