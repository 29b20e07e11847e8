package import Media

/// Finds the gaps in a publisher's stream and says which packets to ask for again (generic NACK, RFC 4585 §6.2.1).
///
/// A gap is first given a moment to turn out to be reordering. Requests repeat after the round trip, each time waiting
/// twice as long, until the packet comes or `maximumTries` or `patience` is used up: then it is lost for good.
package struct LossDetector: Sendable {
    private struct Missing: BitwiseCopyable, Sendable {
        var sequence: Int64
        /// The packet that showed the gap.
        var shownBy: Int64
        var since: Instant
        var due: Instant
        var tries: Int
    }

    package struct Effects: Sendable, Equatable {
        /// To ask for now, ascending.
        package var nack: [UInt16] = []
        /// Something is lost for good.
        package var gaveUp = false
    }

    /// Missing packets kept; a longer gap is not worth repairing.
    package static let maximumMissing = 256
    package static let maximumTries = 10
    package static let patience = Duration.seconds(1)
    /// Before the first request, unless `reorderingPackets` more packets have come.
    package static let reorderingDelay = Duration.milliseconds(5)
    package static let reorderingPackets: Int64 = 3
    /// Between requests for one packet, if the round trip is shorter.
    package static let minimumInterval = Duration.milliseconds(20)
    /// The longest pause between two requests for one packet.
    package static let maximumInterval = Duration.milliseconds(250)

    /// Ascending by sequence.
    private var missing: [Missing] = []
    private var highest: Int64?
    private var gaveUp = false
    /// When `poll` has something to do.
    package private(set) var nextTimeout: Instant?

    package init() {
        missing.reserveCapacity(Self.maximumMissing)
    }

    /// Packets that are being waited for.
    package var missingCount: Int { missing.count }

    /// A packet arrived, first or again, by its unwrapped sequence number.
    package mutating func receive(_ sequence: Int64, now: Instant) {
        guard let highest else {
            self.highest = sequence
            return
        }
        if sequence == highest + 1 {
            self.highest = sequence
            if missing.isEmpty { return }
            hasten(now)
        } else if sequence > highest {
            self.highest = sequence
            open(highest + 1..<sequence, shownBy: sequence, now: now)
            hasten(now)
        } else if let index = missing.lastIndex(where: { $0.sequence <= sequence }),
            missing[index].sequence == sequence
        {
            missing.remove(at: index)
            if missing.isEmpty, !gaveUp { nextTimeout = nil }
        }
    }

    /// Nothing before `sequence` is needed any more: a keyframe starts there.
    package mutating func forget(before sequence: Int64) {
        missing.removeAll { $0.sequence < sequence }
        if missing.isEmpty, !gaveUp { nextTimeout = nil }
    }

    package mutating func poll(_ now: Instant, roundTrip: Duration) -> Effects {
        guard let timeout = nextTimeout, timeout <= now else { return Effects() }
        var effects = Effects(gaveUp: gaveUp)
        gaveUp = false
        let count = missing.count
        missing.removeAll { now - $0.since >= Self.patience || ($0.tries >= Self.maximumTries && $0.due <= now) }
        if missing.count < count { effects.gaveUp = true }
        nextTimeout = nil
        for index in missing.indices {
            if missing[index].due <= now {
                effects.nack.append(UInt16(truncatingIfNeeded: missing[index].sequence))
                let first = max(roundTrip, Self.minimumInterval)
                let backedOff = first * (1 << min(missing[index].tries, 6))
                missing[index].due = now + max(first, min(backedOff, Self.maximumInterval))
                missing[index].tries += 1
            }
            let due = min(missing[index].due, missing[index].since + Self.patience)
            nextTimeout = min(nextTimeout ?? due, due)
        }
        return effects
    }

    private mutating func open(_ gap: Range<Int64>, shownBy: Int64, now: Instant) {
        if gap.count > Self.maximumMissing {
            missing.removeAll(keepingCapacity: true)
            giveUp(now)
            return
        }
        let excess = missing.count + gap.count - Self.maximumMissing
        if excess > 0 {
            missing.removeFirst(excess)
            giveUp(now)
        }
        let due = now + Self.reorderingDelay
        for sequence in gap {
            missing.append(Missing(sequence: sequence, shownBy: shownBy, since: now, due: due, tries: 0))
        }
        nextTimeout = min(nextTimeout ?? due, due)
    }

    /// Enough packets have come after a gap to know that it is no reordering.
    private mutating func hasten(_ now: Instant) {
        guard let highest else { return }
        for index in missing.indices.reversed() where missing[index].tries == 0 {
            guard highest - missing[index].shownBy >= Self.reorderingPackets, missing[index].due > now else { continue }
            missing[index].due = now
            nextTimeout = now
        }
    }

    private mutating func giveUp(_ now: Instant) {
        gaveUp = true
        nextTimeout = now
    }
}
