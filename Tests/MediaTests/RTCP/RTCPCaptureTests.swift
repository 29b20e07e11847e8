import Media
import Testing

@Suite struct RTCPCaptureTests {
    @Test(arguments: ["chromium156_rtcp", "aiortc116_rtcp"]) func `every compound parses into known packets`(
        name: String
    ) throws {
        for bytes in try capture(name) {
            let packets = try RTCPCompound.parse(bytes.span.bytes)
            for packet in packets {
                if case .unknown = packet { Issue.record("\(packet)") }
            }
            // Chunks of transport feedback may be chosen otherwise; all else has one form.
            if packets.contains(where: { if case .transportFeedback = $0 { true } else { false } }) { continue }
            #expect(RTCPCompound.serialize(packets) == bytes)
        }
    }

    @Test func `Chromium's sender reports tell a sane wall clock`() throws {
        var previous: NTPTime?
        for bytes in try capture("chromium156_rtcp") {
            guard case .senderReport(let report) = try RTCPCompound.parse(bytes.span.bytes)[0] else { continue }
            if let previous { #expect(report.ntpTime > previous) }
            previous = report.ntpTime
        }
        #expect(previous != nil)
    }

    @Test func `Chromium's transport feedback loses what was left out and nothing else`() throws {
        var arrived: [UInt16: Duration] = [:]
        var lost: Set<UInt16> = []
        var counts: [UInt8] = []
        for bytes in try capture("chromium156_rtcp") {
            for case .transportFeedback(let feedback) in try RTCPCompound.parse(bytes.span.bytes) {
                counts.append(feedback.feedbackCount)
                feedback.forEachStatus { status in
                    if let arrival = status.arrival {
                        arrived[status.sequenceNumber] = arrival
                    } else {
                        lost.insert(status.sequenceNumber)
                    }
                }
                let again = RTCPCompound.serialize([.transportFeedback(feedback)])
                #expect(try RTCPCompound.parse(again.span.bytes) == [.transportFeedback(feedback)])
                #expect(again.count <= bytes.count)
            }
        }
        lost.subtract(arrived.keys)
        #expect(counts == (0..<counts.count).map { counts[0] &+ UInt8(truncatingIfNeeded: $0) })
        #expect(arrived.count > 300)
        #expect(!lost.isEmpty)
        #expect(lost.allSatisfy { $0 % 37 == 5 })
        #expect(arrived.keys.allSatisfy { $0 % 37 != 5 })
        let times = arrived.sorted { $0.key < $1.key }.map(\.value)
        #expect(times.last! - times.first! > .seconds(4) && times.last! - times.first! < .seconds(8))
    }

    @Test func `captures mutated and cut never trap`() throws {
        var generator = RTPTestGenerator(seed: 11)
        for name in ["chromium156_rtcp", "aiortc116_rtcp", "chromium156_rtx", "chromium156_opus"] {
            for packet in try capture(name) {
                for _ in 0..<20 {
                    let bytes = generator.mutate(packet)
                    _ = try? RTCPCompound.parse(bytes.span.bytes)
                    guard let header = try? RTPHeader(parsing: bytes.span.bytes) else { continue }
                    var extensions = header.extensions(of: bytes.span.bytes)
                    while extensions.next() != nil {}
                }
            }
        }
    }
}
