import Testing

@testable import Relay

@Suite struct `Uplink estimates` {
    /// The rate after each second of a line that carries `capacity` and loses what is more; the sender sends what it may.
    private func rates(capacity: Int, ownLoss: Double = 0, wanted: Int = .max, seconds: Int) -> [Int] {
        var estimate = UplinkEstimate()
        return (0..<seconds).map { _ in
            let sent = min(estimate.rate, wanted)
            let arriving = Double(min(sent, capacity)) * (1 - ownLoss)
            estimate.update(loss: 1 - arriving / Double(sent), arriving: Int(arriving))
            return estimate.rate
        }
    }

    @Test func `a good line is at four times the first rate within seven seconds`() {
        #expect(rates(capacity: .max, seconds: 7).last! >= 4 * UplinkEstimate.first)
        #expect(rates(capacity: .max, seconds: 100).allSatisfy { $0 <= UplinkEstimate.maximum })
    }

    @Test func `a narrow line is found and held`() {
        let found = rates(capacity: 500_000, seconds: 40)
        #expect(found.dropFirst(3).allSatisfy { $0 < 650_000 })
        #expect(found.dropFirst(3).allSatisfy { $0 > 250_000 })
        #expect(rates(capacity: 1, seconds: 10).last == UplinkEstimate.minimum)
    }

    @Test func `loss of the line's own lowers nothing, and what is not used is not promised`() {
        #expect(rates(capacity: .max, ownLoss: 0.05, seconds: 10).allSatisfy { $0 == UplinkEstimate.first })
        #expect(rates(capacity: .max, wanted: 800_000, seconds: 60).allSatisfy { $0 <= 1_600_000 })
    }
}
