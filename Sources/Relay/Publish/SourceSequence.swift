import Media

/// Unwraps a source's sequence numbers and notices when they start over (RFC 3550 §A.1).
///
/// Departs from A.1: no probation, because packets are authenticated before they come here, and more misordering is taken,
/// since retransmissions arrive late on the same stream when there is no RTX.
package struct SourceSequence: Sendable {
    package enum Outcome: Sendable, Equatable {
        case accepted(Int64)
        /// A jump that the next packet has to confirm.
        case refused
        /// The source started over: numbers before this one mean nothing any more.
        case restarted(Int64)
    }

    package static let maximumDropout = 3000
    package static let maximumMisorder = 1000

    /// The highest number so far.
    package private(set) var highest: Int64?
    /// What follows an implausible packet, if that was the start of something new.
    private var expectedAfterJump: UInt16?

    package init() {}

    package mutating func receive(_ sequence: UInt16) -> Outcome {
        guard let highest else {
            self.highest = Int64(sequence)
            return .accepted(Int64(sequence))
        }
        let step = distance(to: sequence, from: highest)
        if step < Self.maximumDropout, step > -Self.maximumMisorder {
            expectedAfterJump = nil
            self.highest = max(highest, highest + Int64(step))
            return .accepted(highest + Int64(step))
        }
        guard sequence == expectedAfterJump else {
            expectedAfterJump = sequence &+ 1
            return .refused
        }
        expectedAfterJump = nil
        self.highest = Int64(sequence)
        return .restarted(Int64(sequence))
    }

    /// The number nearest to the highest one, for a retransmission that says which packet it is; nil when too far.
    package func locate(_ sequence: UInt16) -> Int64? {
        guard let highest else { return nil }
        let step = distance(to: sequence, from: highest)
        return abs(step) < Self.maximumMisorder ? highest + Int64(step) : nil
    }

    private func distance(to sequence: UInt16, from highest: Int64) -> Int {
        SerialNumber(sequence).distance(from: SerialNumber(UInt16(truncatingIfNeeded: highest)))
    }
}
