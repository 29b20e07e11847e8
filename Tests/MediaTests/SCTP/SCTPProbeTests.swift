@testable import Media
import Testing

@Suite struct SCTPProbeTests {
    @Test func `a peer that is asked for a sign of life gives one within a round trip, once a question`() {
        var link = SCTPLink()
        _ = link.open()
        link.run(for: .seconds(1))
        let before = link.sent
        link.b.probe(now: link.now)
        link.b.probe(now: link.now)
        link.pump()
        link.run(for: .milliseconds(30))
        #expect(link.sent == before + 2)
        link.b.probe(now: link.now)
        link.pump()
        link.run(for: .milliseconds(30))
        #expect(link.sent == before + 4)
    }

    @Test func `asking a peer that is not there yet, or no more, is harmless`() {
        var random = SCTPTestGenerator(state: 1)
        let start = Instant(nanoseconds: 0)
        var lonely = SCTPAssociation(role: .passive, usesEvenStreams: false, now: start, using: &random)
        for second in 0..<100 { lonely.probe(now: start + .seconds(second)) }
        #expect(lonely.pollPacket(now: start + .seconds(100)) == nil)
    }
}
