import Media
import Testing

@testable import Relay

extension LiveRelay {
    /// Redundant audio (RFC 2198) from publisher to viewers.
    @Suite struct RedundantAudio {
        /// What the publisher sent, by its RTP timestamp less the first one's.
        private func sent(_ publisher: TestPeer, _ track: TrackID) -> [(payload: [UInt8], timestamp: UInt32)] {
            publisher.look { state in
                let encoding = state.tracks.first { $0.id == track }!.encodings[0]
                let first = encoding.sequence &- UInt16(encoding.number) &+ 1
                return (0..<encoding.number).compactMap { number in
                    encoding.sent[first &+ UInt16(number)].map { ($0.payload, $0.timestamp) }
                }
            }
        }

        /// Each of a viewer's packets with the one that the publisher sent: both clocks run at the same pace, so the first
        /// packet, which is looked for by its sound, tells where the others are.
        private func pairs(
            _ packets: [ReceivedPacket], _ sent: [(payload: [UInt8], timestamp: UInt32)]
        ) throws -> [(received: ReceivedPacket, sent: [UInt8])] {
            let start = try #require(packets.first)
            let origin = try #require(sent.first { $0.payload.suffix(200) == start.payload.suffix(200) })
            let byTime = Dictionary(uniqueKeysWithValues: sent.map { ($0.timestamp &- origin.timestamp, $0.payload) })
            return try packets.map { ($0, try #require(byTime[$0.timestamp &- start.timestamp])) }
        }

        @Test func `it reaches those who take it as it is, and the others as what it is made of`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let modern = try await bench.join("modern")
                let plain = try await bench.join("plain", takesRedundancy: false)
                let audio = try await publisher.publish(.audio, isRedundant: true)
                try await eventually("sound") {
                    modern.packets(of: audio).count >= 30 && plain.packets(of: audio).count >= 30
                }
                let (got, reduced) = (modern.packets(of: audio), plain.packets(of: audio))
                let sent = sent(publisher, audio)
                #expect(got.allSatisfy { $0.payloadType == 63 })
                #expect(reduced.allSatisfy { $0.payloadType == 111 })
                for (packet, original) in try pairs(got, sent) {
                    var renumbered = original
                    renumbered.withUnsafeMutableBytes { RED.setPayloadType(111, in: $0.baseAddress!) }
                    #expect(packet.payload == renumbered)
                }
                for (packet, original) in try pairs(reduced, sent) {
                    #expect(packet.payload == Array(original.suffix(200)))
                }
                for packets in [got, reduced] {
                    #expect(packets.allSatisfy { $0.extensions[CanonicalExtension.audioLevel.rawValue] == [0x94] })
                    #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
                }
            }
        }

        @Test func `what is lost from the publisher reaches everybody all the same`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewers = [
                    try await bench.join("modern"), try await bench.join("plain", takesRedundancy: false),
                ]
                let audio = try await publisher.publish(.audio, isRedundant: true)
                try await eventually("sound") { viewers.allSatisfy { $0.packets(of: audio).count >= 10 } }
                publisher.change(audio) { $0.packetsToDrop = 1 }
                try await eventually("a loss") { publisher.look { !$0.tracks[0].encodings[0].dropped.isEmpty } }
                let counts = viewers.map { $0.packets(of: audio).count }
                try await eventually("more") {
                    zip(viewers, counts).allSatisfy { $0.packets(of: audio).count >= $1 + 10 }
                }
                for viewer in viewers {
                    let packets = viewer.packets(of: audio)
                    // The number of the sound, which is the second byte of it.
                    let numbers = packets.map { $0.payload.suffix(200)[$0.payload.count - 199] }
                    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
                    #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
                    #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.timestamp == $0.timestamp &+ 960 })
                }
            }
        }

        @Test func `a narrow line carries the sound alone, and redundancy again once it is wide`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let narrow = try await bench.join("narrow")
                let healthy = try await bench.join("healthy")
                let audio = try await publisher.publish(.audio, isRedundant: true)
                func say(_ bitrate: UInt64) {
                    narrow.look {
                        $0.subscriber.send(rtcp: [.remb(REMB(senderSSRC: 1, bitrate: bitrate, ssrcs: []))])
                    }
                }
                func newest() -> UInt8? { narrow.packets(of: audio).last?.payloadType }
                try await eventually("redundant sound") { newest() == 63 }
                // The sound takes a little over 100 kbit/s, and as much again when it is repeated.
                try await eventually("the sound alone") {
                    say(250_000)
                    return newest() == 111
                }
                try await eventually("redundant sound again") {
                    say(2_000_000)
                    return newest() == 63
                }
                let packets = narrow.packets(of: audio)
                #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
                #expect(packets.filter { $0.payloadType == 111 }.allSatisfy { $0.payload.count == 200 })
                #expect(healthy.packets(of: audio).allSatisfy { $0.payloadType == 63 })
            }
        }

        @Test func `what a plain viewer is said to have been sent is what went out`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let plain = try await bench.join("plain", takesRedundancy: false)
                let audio = try await publisher.publish(.audio, isRedundant: true)
                try await eventually("a report of sound") {
                    plain.look { state in
                        state.subscriber.feedback.contains {
                            guard case .senderReport(let report) = $0, report.packetCount > 0 else { return false }
                            return report.octetCount == 200 * report.packetCount
                        }
                    }
                }
                #expect(!plain.packets(of: audio).isEmpty)
            }
        }
    }
}

@Suite struct RedundancyOnALine {
    @Test func `it takes a quarter of a known line at most, and comes back under a fifth`() {
        var line = ViewerLine()
        line.judge(redundancy: 1_000_000_000)
        #expect(line.admitsRedundancy)
        line.control.receive(remb: REMB(senderSSRC: 1, bitrate: 400_000, ssrcs: []), now: Instant(nanoseconds: 0))
        for (rate, isAdmitted) in [
            (100_000, true), (100_001, false), (99_000, false), (80_001, false), (80_000, true), (99_000, true),
        ] {
            line.judge(redundancy: rate)
            #expect(line.admitsRedundancy == isAdmitted)
            #expect(line.redundancyWaitsFor == (isAdmitted ? nil : 5 * rate))
        }
    }

    @Test(arguments: [(nil, false), (200_000, false), (500_000, true)])
    func `a line is probed while redundancy waits for more of it`(wanted: Int?, isProbed: Bool) {
        var control = CongestionControl()
        control.receive(remb: REMB(senderSSRC: 1, bitrate: 300_000, ssrcs: []), now: Instant(nanoseconds: 0))
        var packets = 0
        for step in 0..<300 {
            packets += control.probe(
                packetSize: 300, wanted: wanted, now: Instant(nanoseconds: Int64(step) * 10_000_000))
        }
        #expect((packets > 0) == isProbed)
    }
}
