import Media
import Testing

@Suite struct RTCPTransportFeedbackTests {
    typealias Arrival = TransportFeedback.Arrival

    private func parse(_ bytes: [UInt8]) throws -> TransportFeedback {
        guard case .transportFeedback(let feedback) = try RTCPCompound.parse(bytes.span.bytes)[0] else {
            throw ParseError.unsupported("not a transport feedback")
        }
        return feedback
    }

    /// A body of chunks and deltas behind base 10, this count, reference time 1 and feedback count 2.
    private func feedback(count: UInt16, _ rest: String) throws -> TransportFeedback {
        var writer = ByteWriter()
        let rest = hex(rest)
        writer.write(hex("8FCD"))
        writer.write(UInt16((16 + rest.count) / 4))
        writer.write(hex("00000001 00000002 000A"))
        writer.write(count)
        writer.write(hex("000001 02"))
        writer.write(rest)
        return try parse(writer.bytes)
    }

    @Test func `a run of small deltas`() throws {
        let feedback = try feedback(count: 4, "2004 00 04 08 FF 0000")
        #expect(feedback.baseSequence == 10)
        #expect(feedback.feedbackCount == 2)
        #expect(
            feedback.statuses() == [
                .init(sequenceNumber: 10, arrival: .microseconds(64_000)),
                .init(sequenceNumber: 11, arrival: .microseconds(65_000)),
                .init(sequenceNumber: 12, arrival: .microseconds(67_000)),
                .init(sequenceNumber: 13, arrival: .microseconds(130_750)),
            ])
    }

    @Test func `a vector of one-bit symbols, longer than the packets there are`() throws {
        // 1 0 1, then eleven that mean nothing.
        let feedback = try feedback(count: 3, "AFFF 04 04")
        #expect(feedback.statuses().map { $0.arrival != nil } == [true, false, true])
    }

    @Test func `a vector of two-bit symbols with a negative delta`() throws {
        // small, large, lost, small, lost, lost, lost; then a run of two lost.
        let feedback = try feedback(count: 9, "D840 0002 04 FFFC 08")
        #expect(
            feedback.received == [.init(index: 0, delta: 4), .init(index: 1, delta: -4), .init(index: 3, delta: 8)])
        #expect(feedback.statuses().count == 9)
    }

    @Test func `a reserved symbol, no packets and missing deltas are refused`() {
        #expect(throws: ParseError.malformed("transport feedback symbol")) { try feedback(count: 1, "60010000") }
        #expect(throws: ParseError.malformed("transport feedback status count")) { try feedback(count: 0, "20010000") }
        #expect(throws: ParseError.truncated) { try feedback(count: 3, "2003 0000") }
        #expect(throws: ParseError.truncated) { try feedback(count: 9000, "1FFF 0000") }
    }

    @Test func `65,535 lost packets are a few bytes and cost no list`() throws {
        let feedback = TransportFeedback(
            senderSSRC: 1, mediaSSRC: 2, baseSequence: 0, statusCount: 65_535, referenceTime: 0, feedbackCount: 0,
            received: [])
        let bytes = RTCPCompound.serialize([.transportFeedback(feedback)])
        #expect(bytes.count < 50)
        #expect(try parse(bytes) == feedback)
    }

    @Test func `arrivals are reported to within 250 µs, the lost ones as lost`() throws {
        let start = Instant(nanoseconds: 1_000_000_123)
        let arrivals = [
            Arrival(sequenceNumber: 65534, time: start),
            Arrival(sequenceNumber: 65535, time: start + .microseconds(700)),
            Arrival(sequenceNumber: 2, time: start - .milliseconds(3)),
            Arrival(sequenceNumber: 3, time: start + .seconds(2)),
        ]
        let built = try #require(
            TransportFeedback.build(
                senderSSRC: 1, mediaSSRC: 2, feedbackCount: 7, firstSequence: 65533, from: arrivals))
        #expect(built.count == 4)
        let feedback = try parse(RTCPCompound.serialize([.transportFeedback(built.feedback)]))
        #expect(feedback == built.feedback)
        let statuses = feedback.statuses()
        #expect(statuses.map(\.sequenceNumber) == [65533, 65534, 65535, 0, 1, 2, 3])
        #expect(statuses.map { $0.arrival != nil } == [false, true, true, false, false, true, true])
        let times = statuses.compactMap(\.arrival)
        for (time, arrival) in zip(times, arrivals) {
            let error = arrival.time - Instant(nanoseconds: 0) - time
            #expect(error >= .zero && error < .microseconds(250))
        }
    }

    @Test func `building takes what fits and leaves the rest`() throws {
        let start = Instant(nanoseconds: 5_000_000_000)
        func count(_ arrivals: [Arrival]) -> Int? {
            TransportFeedback.build(senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, from: arrivals)?.count
        }
        let pause = [Arrival(sequenceNumber: 1, time: start), Arrival(sequenceNumber: 2, time: start + .seconds(9))]
        #expect(count(pause) == 1)
        let gap = [Arrival(sequenceNumber: 1, time: start), Arrival(sequenceNumber: 8193, time: start)]
        #expect(count(gap) == 1)
        let back = [Arrival(sequenceNumber: 5, time: start), Arrival(sequenceNumber: 4, time: start)]
        #expect(count(back) == 1)
        let many = (0..<1000).map { Arrival(sequenceNumber: UInt16($0), time: start) }
        #expect(count(many) == 180)
        #expect(count([]) == nil)
    }

    @Test func `any pattern of arrivals fits a packet and reads back as built`() throws {
        var generator = RTPTestGenerator(seed: 6)
        for _ in 0..<2000 {
            var time = Instant(nanoseconds: Int64.random(in: -1 << 40...1 << 60, using: &generator))
            var sequence = UInt16.random(in: 0...65535, using: &generator)
            let loss = Int.random(in: 1...40, using: &generator)
            let slow = Int.random(in: 1...20, using: &generator)
            let arrivals = (0..<Int.random(in: 1...400, using: &generator)).map { _ in
                sequence &+= UInt16.random(in: 0..<20, using: &generator) < 3 ? UInt16(loss) : 1
                let isSlow = Int.random(in: 0..<20, using: &generator) < slow
                time = time + .microseconds(Int.random(in: isSlow ? -50_000...90_000 : 0...5000, using: &generator))
                return Arrival(sequenceNumber: sequence, time: time)
            }
            var rest = arrivals[...]
            while let built = TransportFeedback.build(senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, from: rest) {
                try #require(built.count > 0)
                let bytes = RTCPCompound.serialize([.transportFeedback(built.feedback)])
                #expect(bytes.count <= 1200)
                #expect(try parse(bytes) == built.feedback)
                rest = rest.dropFirst(built.count)
            }
        }
    }
}
