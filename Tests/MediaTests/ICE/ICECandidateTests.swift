import Media
import Testing

@Suite struct ICECandidateTests {
    @Test(arguments: [
        "1 1 udp 2130706431 192.0.2.1 7882 typ host",
        "842163049 1 udp 1677729535 198.51.100.7 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 network-cost 999",
        "2 2 tcp 2105458942 fe4af92f-3ec7-4e3d-9a6f-0530f784bc22.local 9 typ host tcptype active",
        "8 1 udp 2015363583 fd00::2 52615 typ relay raddr 192.0.2.1 rport 4 ufrag abcd",
    ]) func `a candidate is written as it was read`(text: String) throws {
        let candidate = try ICECandidate(parsing: text)
        #expect(candidate.serialized() == text)
        for prefix in ["candidate:", "a=candidate:"] {
            #expect(try ICECandidate(parsing: prefix + text) == candidate)
        }
    }

    @Test func `its fields are typed`() throws {
        let candidate = try ICECandidate(
            parsing: "candidate:0 1 UDP 2122187007 10.0.0.1 50932 typ srflx raddr 1.2.3.4 rport 5 generation 3 x y odd")
        #expect(candidate.foundation == "0" && candidate.component == 1 && candidate.transport == .udp)
        #expect(candidate.priority == 2_122_187_007 && candidate.kind == .srflx)
        #expect(candidate.transportAddress == TransportAddress(ipv4: (10, 0, 0, 1), port: 50932))
        #expect(candidate.relatedAddress == "1.2.3.4" && candidate.relatedPort == 5)
        #expect(candidate.generation == 3)
        #expect(candidate.extensions.map(\.name) == ["generation", "x"])
        let hidden = try ICECandidate(parsing: "0 1 TCP 1 abc.local 9 typ host tcptype so")
        #expect(hidden.transportAddress == nil && hidden.tcpType == .simultaneousOpen)
    }

    @Test func `priorities are those of RFC 8445`() {
        #expect(ICECandidate.priority(kind: .host) == 2_130_706_431)
        #expect(ICECandidate.priority(kind: .host, localPreference: 65535, component: 2) == 2_130_706_430)
        #expect(ICECandidate.priority(kind: .relay, localPreference: 0, component: 256) == 0)
    }

    @Test func `a passive TCP candidate comes after UDP's and before a relay's`() {
        #expect(ICECandidate.passivePriority() == 90 << 24 | (4 << 13 | 8191) << 8 | 255)
        #expect(ICECandidate.passivePriority() > ICECandidate.passivePriority(otherPreference: 8190))
        #expect(ICECandidate.passivePriority() < ICECandidate.priority(kind: .srflx, localPreference: 0))
        #expect(ICECandidate.passivePriority(otherPreference: 0) > ICECandidate.priority(kind: .relay))
    }

    @Test(arguments: [
        "", "candidate:", "1 1 udp 1 1.2.3.4 5 typ", "1 1 udp 1 1.2.3.4 5 host host", "1 0 udp 1 1.2.3.4 5 typ host",
        "1 257 udp 1 1.2.3.4 5 typ host", "1 1 udp -1 1.2.3.4 5 typ host", "1 1 udp 1 1.2.3.4 65536 typ host",
        "1 1 dccp 1 1.2.3.4 5 typ host", "1 1 udp 1 1.2.3.4 5 typ guest", "1 1 tcp 1 1.2.3.4 5 typ host tcptype x",
        "1 1 udp 1 1.2.3.4 5 typ host rport 70000", "123456789012345678901234567890123 1 udp 1 1.2.3.4 5 typ host",
        " candidate:4 1 UDP 2015363583 fd00::2 52615 typ host", "\u{FC}4 1 udp 1 1.2.3.4 5 typ host",
        "1 1 udp 1 1.2.3.4 5 typ host" + String(repeating: " a b", count: 17),
        "1 1 udp 1 1.2.3.4 5 typ host a " + String(repeating: "b", count: 1024),
    ]) func `what is no candidate is refused`(text: String) {
        #expect(throws: ParseError.self) { _ = try ICECandidate(parsing: text) }
    }
}
