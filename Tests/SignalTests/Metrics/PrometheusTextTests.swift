import Relay
import Testing

@testable import Signal

@Suite struct PrometheusTextTests {
    @Test func `every sample belongs to a family that was announced`() async throws {
        let relay = try Relay(configuration: RelayConfiguration(host: "127.0.0.1", udpPort: 0))
        var counts = Webhooks.Counts(receiver: #"a"b\c"#)
        counts.delivered = 3
        let body = PrometheusText(
            relay: await relay.metrics(), http: HTTPCounters().read(), signals: SignalCounters(), webhooks: [counts]
        ).body
        var families: Set<Substring> = []
        for line in body.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE ") { families.insert(words[2]) }
            guard !line.hasPrefix("#") else { continue }
            let name = line.prefix { $0 != "{" && $0 != " " }
            let bases = ["", "_bucket", "_sum", "_count"].map { suffix in
                name.hasSuffix(suffix) ? name.dropLast(suffix.count) : name
            }
            #expect(bases.contains { families.contains($0) }, "\(line)")
            #expect(Double(words.last ?? "") != nil, "\(line)")
        }
        #expect(body.contains(#"golive_webhooks_total{receiver="a\"b\\c",outcome="delivered"} 3"#))
        #expect(body.contains("golive_forwarding_seconds_bucket{le=\"+Inf\"} 0\n"))
        #expect(body.hasSuffix("\n"))
        await relay.shutdown()
    }

    @Test func `receivers on one host are counted together, since a sample may stand only once`() async throws {
        let relay = try Relay(configuration: RelayConfiguration(host: "127.0.0.1", udpPort: 0))
        let counts = [1, 2].map { delivered in
            var counts = Webhooks.Counts(receiver: "hooks.example")
            counts.delivered = delivered
            return counts
        }
        let body = PrometheusText(
            relay: await relay.metrics(), http: HTTPCounters().read(), signals: SignalCounters(), webhooks: counts
        ).body
        let samples = body.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } }
        #expect(Set(samples).count == samples.count)
        #expect(body.contains(#"golive_webhooks_total{receiver="hooks.example",outcome="delivered"} 3"#))
        await relay.shutdown()
    }
}
