/// Transport-wide congestion control feedback: which packets of a transport arrived and when
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
///
/// Kept as sparse as the wire has it: `statusCount` packets from `baseSequence` on, of which `received` arrived. The
/// lost ones cost no memory, so a few bytes that claim 65,535 lost packets are harmless.
package struct TransportFeedback: Sendable, Equatable {
    /// One packet that arrived.
    package struct Received: Sendable, BitwiseCopyable, Equatable {
        /// Sequence numbers from `baseSequence`.
        package var index: UInt16
        /// Since the packet received before it, or since the reference time; in 250 µs.
        package var delta: Int16

        package init(index: UInt16, delta: Int16) {
            self.index = index
            self.delta = delta
        }
    }

    /// One packet reported on.
    package struct Status: Sendable, BitwiseCopyable, Equatable {
        package var sequenceNumber: UInt16
        /// On the receiver's clock since its arbitrary epoch, good to 250 µs; nil for a lost packet.
        package var arrival: Duration?

        package init(sequenceNumber: UInt16, arrival: Duration?) {
            self.sequenceNumber = sequenceNumber
            self.arrival = arrival
        }
    }

    package var senderSSRC: UInt32
    package var mediaSSRC: UInt32
    package var baseSequence: UInt16
    package var statusCount: UInt16
    /// 24 bits, signed, in 64 ms.
    package var referenceTime: Int32
    /// Goes up by one a feedback packet.
    package var feedbackCount: UInt8
    /// Ascending by index, all below `statusCount`.
    package var received: [Received]

    package init(
        senderSSRC: UInt32, mediaSSRC: UInt32, baseSequence: UInt16, statusCount: UInt16, referenceTime: Int32,
        feedbackCount: UInt8, received: [Received]
    ) {
        self.senderSSRC = senderSSRC
        self.mediaSSRC = mediaSSRC
        self.baseSequence = baseSequence
        self.statusCount = statusCount
        self.referenceTime = referenceTime
        self.feedbackCount = feedbackCount
        self.received = received
    }

    /// Every packet reported on, in sequence order, the lost ones included.
    package func statuses() -> [Status] {
        var statuses: [Status] = []
        statuses.reserveCapacity(Int(statusCount))
        forEachStatus { statuses.append($0) }
        return statuses
    }

    /// As `statuses`, without building the list.
    package func forEachStatus(_ body: (Status) -> Void) {
        var ticks = Int64(referenceTime) * 256
        var next = 0
        for index in 0..<statusCount {
            var arrival: Duration?
            if next < received.count, received[next].index == index {
                ticks += Int64(received[next].delta)
                arrival = .microseconds(ticks * 250)
                next += 1
            }
            body(Status(sequenceNumber: baseSequence &+ index, arrival: arrival))
        }
    }
}
