package import Media

/// Puts packets that left together into groups and tells how the time between two groups changed on the way
/// (draft-ietf-rmcat-gcc-02 §5.2 and §5.3): a queue that grows spreads them.
///
/// A group is what left within `burst`. Packets that were held up together, as by a radio link, and arrive at once join
/// the group they catch up with, since their spacing says nothing of a queue.
package struct PacketGroups: Sendable {
    /// The step from one group to the next.
    package struct Step: Sendable, BitwiseCopyable, Equatable {
        /// Between the groups' last packets when they left.
        package var sent: Duration
        /// The same when they arrived.
        package var arrived: Duration
        /// When the second group arrived, on the receiver's clock.
        package var arrival: Instant
    }

    private struct Group: Sendable, BitwiseCopyable {
        var firstSent: Instant
        var lastSent: Instant
        var firstArrival: Instant
        var lastArrival: Instant
    }

    package static let burst = Duration.milliseconds(5)
    /// A group that arrives this long before the one ahead of it means that the receiver's clock jumped.
    private static let maximumReordering = Duration.seconds(3)

    private var current: Group?
    private var previous: Group?

    package init() {}

    /// Takes the next packet that arrived, in order of sending; returns the step that this packet completes.
    package mutating func receive(sent: Instant, arrival: Instant) -> Step? {
        guard var group = current else {
            current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
            return nil
        }
        // One that left earlier and came late belongs to a group that is closed.
        guard sent >= group.firstSent else { return nil }
        if sent - group.firstSent <= Self.burst || isHeldUp(sent: sent, arrival: arrival, behind: group) {
            group.lastSent = max(group.lastSent, sent)
            group.lastArrival = max(group.lastArrival, arrival)
            current = group
            return nil
        }
        defer {
            previous = group
            current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
        }
        guard let previous else { return nil }
        let step = Step(
            sent: group.lastSent - previous.lastSent, arrived: group.lastArrival - previous.lastArrival,
            arrival: group.lastArrival)
        if step.arrived < .zero {
            if step.arrived < .zero - Self.maximumReordering { self = PacketGroups() }
            return nil
        }
        return step
    }

    private func isHeldUp(sent: Instant, arrival: Instant, behind group: Group) -> Bool {
        let gap = arrival - group.lastArrival
        return gap <= Self.burst && gap < sent - group.lastSent && arrival - group.firstArrival < .milliseconds(100)
    }
}
