import CPrefetch
package import Media

/// What became of one packet that a viewer's connection sent.
package struct PacketReport: Sendable, BitwiseCopyable, Equatable {
    /// The transport-wide number.
    package var sequence: UInt16
    /// Bytes on the line, as given to `TransportSequencer.send`.
    package var size: Int
    /// On our clock.
    package var sent: Instant
    /// On the receiver's clock; nil for a packet that was lost.
    package var arrival: Instant?

    package init(sequence: UInt16, size: Int, sent: Instant, arrival: Instant?) {
        self.sequence = sequence
        self.size = size
        self.sent = sent
        self.arrival = arrival
    }
}

/// Numbers everything that one viewer's connection sends (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2) and
/// remembers when each packet left until feedback says what became of it.
///
/// Memory begins with `initialCapacity` packets of eight bytes and doubles, up to `capacity`, rather than forget a packet
/// younger than `lifetime` that no feedback has told of. A report on a packet that has been overwritten says nothing.
package struct TransportSequencer: ~Copyable {
    private struct Entry: BitwiseCopyable {
        /// Microseconds, modulo 2³²: more than an hour.
        var sent: UInt32
        var sequence: UInt16
        /// Bytes; 0 once the packet is known to have arrived, or where there is none.
        var size: UInt16
    }

    /// Packets remembered at most: two seconds at 5 Mbit/s.
    package static let capacity = 1024
    /// Packets remembered at first: feedback comes several times a second.
    private static let initialCapacity = 128
    /// How long feedback is waited for, in microseconds.
    private static let lifetime: UInt32 = 2_000_000
    /// What IP and UDP add to a datagram, at least: the line carries it, so rates count it.
    package static let packetOverhead = 28
    /// The bit of `size` that says that the loss has been reported.
    private static let lost: UInt16 = 0x8000

    private var entries: UnsafeMutablePointer<Entry>?
    private var mask = 0
    private var next: UInt16 = 1
    private var clock = ReferenceClock()
    /// When the last packet left.
    package private(set) var lastSent: Instant?

    package init() {}

    deinit {
        entries?.deallocate()
    }

    /// The number of a packet that leaves now. On the packet path.
    ///
    /// - Parameter size: bytes of the datagram; `packetOverhead` is added.
    package mutating func send(size: Int, now: Instant) -> UInt16 {
        let sequence = next
        next &+= 1
        lastSent = now
        let micros = Self.microseconds(now)
        let entries = room(for: sequence, at: micros)
        entries[Int(sequence) & mask] = Entry(
            sent: micros, sequence: sequence, size: UInt16(clamping: min(size + Self.packetOverhead, 0x7FFF)))
        return sequence
    }

    /// Asks the processor to fetch where the next packet will be remembered.
    @inline(__always)
    func prefetch() {
        if let entries { golive_prefetch(entries + (Int(next) & mask), MemoryLayout<Entry>.stride) }
    }

    /// The memory, grown where what a packet would take the place of is still waited for.
    @inline(__always)
    private mutating func room(for sequence: UInt16, at micros: UInt32) -> UnsafeMutablePointer<Entry> {
        guard let entries else { return resize(Self.initialCapacity) }
        let former = entries[Int(sequence) & mask]
        guard former.size != 0, mask + 1 < Self.capacity, micros &- former.sent < Self.lifetime else { return entries }
        return resize(2 * (mask + 1))
    }

    private mutating func resize(_ count: Int) -> UnsafeMutablePointer<Entry> {
        let memory = UnsafeMutablePointer<Entry>.allocate(capacity: count)
        memory.initialize(repeating: Entry(sent: 0, sequence: 0, size: 0), count: count)
        if let entries {
            for index in 0...mask where entries[index].size != 0 {
                memory[Int(entries[index].sequence) & (count - 1)] = entries[index]
            }
            entries.deallocate()
        }
        entries = memory
        mask = count - 1
        return memory
    }

    /// What a feedback says of the packets remembered, in the order they were sent. Each is reported as having arrived
    /// once at most, and as lost once at most before that. A feedback on more packets than are remembered is refused: no
    /// client waits that long, and it would take long to read.
    package mutating func receive(_ feedback: TransportFeedback, now: Instant) -> [PacketReport] {
        let offset = clock.offset(of: feedback.referenceTime)
        let micros = Self.microseconds(now)
        let mask = mask
        guard let entries, Int(feedback.statusCount) <= Self.capacity else { return [] }
        var reports: [PacketReport] = []
        reports.reserveCapacity(min(Int(feedback.statusCount), Self.capacity))
        feedback.forEachStatus { status in
            let entry = entries + (Int(status.sequenceNumber) & mask)
            guard entry.pointee.sequence == status.sequenceNumber, entry.pointee.size != 0 else { return }
            let wasLost = entry.pointee.size & Self.lost != 0
            guard status.arrival != nil || !wasLost else { return }
            let size = entry.pointee.size & ~Self.lost
            entry.pointee.size = status.arrival == nil ? size | Self.lost : 0
            reports.append(
                PacketReport(
                    sequence: status.sequenceNumber, size: Int(size),
                    sent: now - .microseconds(Int64(micros &- entry.pointee.sent)),
                    arrival: status.arrival.map { Instant(nanoseconds: 0) + $0 + offset }))
        }
        return reports
    }

    private static func microseconds(_ time: Instant) -> UInt32 {
        UInt32(truncatingIfNeeded: time.nanoseconds / 1000)
    }
}

/// Unwraps the reference times of feedbacks, which begin anew every twelve days.
private struct ReferenceClock {
    private var last: Int32?
    private var laps: Int64 = 0

    /// What is to be added to the arrivals of a feedback with this reference time.
    mutating func offset(of reference: Int32) -> Duration {
        if let last {
            let step = Int64(reference) - Int64(last)
            if step < -(1 << 23) { laps += 1 }
            if step > 1 << 23 { laps -= 1 }
        }
        last = reference
        return .milliseconds((laps << 24) * 64)
    }
}
