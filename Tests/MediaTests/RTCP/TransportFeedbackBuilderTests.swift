import Testing

@testable import Media

@Suite struct `Transport feedback` {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func `every arrival is reported once, lost packets as lost, across the wrap`() {
        var builder = TransportFeedbackBuilder(senderSSRC: 1, mediaSSRC: 2)
        var reported: [UInt16: Duration] = [:]
        var (lost, next): (Int, UInt16?) = (0, nil)
        var count: UInt8 = 0
        for number: Int64 in 65_000..<66_500 {
            if number % 10 != 3 {
                builder.record(transportSequence: UInt16(truncatingIfNeeded: number), arrival: at(number))
            }
            while let feedback = builder.poll(at(number)) {
                #expect(feedback.feedbackCount == count)
                count &+= 1
                if let next { #expect(feedback.baseSequence == next) }
                next = feedback.baseSequence &+ feedback.statusCount
                for status in feedback.statuses() {
                    guard let arrival = status.arrival else {
                        lost += 1
                        continue
                    }
                    #expect(reported.updateValue(arrival, forKey: status.sequenceNumber) == nil)
                }
            }
        }
        while let feedback = builder.poll(at(70_000)) {
            for status in feedback.statuses() {
                if let arrival = status.arrival { reported[status.sequenceNumber] = arrival } else { lost += 1 }
            }
        }
        #expect(reported.count == 1350)
        #expect(lost == 150)
        for (sequence, arrival) in reported {
            let number = Int64(sequence) + (sequence < 60_000 ? 65_536 : 0)
            #expect(arrival == .milliseconds(number))
        }
    }

    @Test func `feedback comes every 100 ms, or sooner with many packets`() {
        var builder = TransportFeedbackBuilder(senderSSRC: 1, mediaSSRC: 2)
        #expect(builder.poll(at(0)) == nil)
        builder.record(transportSequence: 1, arrival: at(0))
        #expect(builder.poll(at(99)) == nil)
        #expect(builder.nextTimeout == at(100))
        #expect(builder.poll(at(100)) != nil)
        #expect(builder.nextTimeout == nil)
        for number: UInt16 in 2..<66 { builder.record(transportSequence: number, arrival: at(101)) }
        #expect(builder.poll(at(101)) != nil)
    }

    @Test func `a packet that comes after its number was reported lost is reported again`() throws {
        var builder = TransportFeedbackBuilder(senderSSRC: 1, mediaSSRC: 2)
        for number: UInt16 in [1, 2, 4] { builder.record(transportSequence: number, arrival: at(Int64(number))) }
        let firstFeedback = builder.poll(at(200))
        let first = try #require(firstFeedback)
        #expect(first.statuses().map { $0.arrival != nil } == [true, true, false, true])
        builder.record(transportSequence: 3, arrival: at(210))
        builder.record(transportSequence: 3, arrival: at(211))
        builder.record(transportSequence: 5, arrival: at(212))
        let secondFeedback = builder.poll(at(400))
        let second = try #require(secondFeedback)
        #expect(second.baseSequence == 3)
        #expect(second.received.map(\.index) == [0, 2])
        #expect(second.statuses().first?.arrival == .milliseconds(210))
    }

    @Test func `what nobody collects is capped`() {
        var builder = TransportFeedbackBuilder(senderSSRC: 1, mediaSSRC: 2)
        for number: UInt16 in 0..<5000 { builder.record(transportSequence: number, arrival: at(Int64(number) / 10)) }
        var count = 0
        while let feedback = builder.poll(at(1000)) { count += feedback.received.count }
        #expect(count == TransportFeedbackBuilder.maximumPending)
    }
}
