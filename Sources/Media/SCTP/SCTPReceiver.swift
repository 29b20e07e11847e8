/// The receiving half of an association: which TSNs arrived, fragments becoming messages, messages in their streams'
/// order, and when to acknowledge (RFC 9260 §6.2, §6.5 to §6.7 and §6.9; RFC 3758 §3.6).
///
/// What arrives beyond the window or the stated caps is dropped unacknowledged, as if lost; the peer sends it again.
/// TSNs are 64-bit here and cut to 32 on the wire.
struct SCTPReceiver {
    /// What a held fragment costs of the window beyond its payload, in bytes, so that tiny ones are bounded too.
    static let fragmentOverhead = 64
    /// Islands of TSNs beyond the cumulative one.
    static let maxRanges = 256
    /// Incomplete messages, or pieces of them.
    static let maxRuns = 1024
    /// In one message.
    static let maxFragments = 4096
    static let maxDuplicates = 20

    /// A whole message.
    struct Message: Equatable {
        var stream: UInt16
        var ppid: UInt32
        var payload: [UInt8]
    }

    private struct Stream {
        var expected: UInt16 = 0
        /// Complete messages waiting for earlier ones, by sequence number.
        var waiting: [UInt16: Message] = [:]
    }

    private enum Acknowledgement {
        case none
        case delayed(until: Instant)
        case due
    }

    /// Everything up to this TSN arrived or was given up on by the peer.
    private(set) var cumulative: Int64
    /// Sorted, apart from each other and from `cumulative`.
    private var ranges: [ClosedRange<Int64>] = []
    /// Sorted by TSN.
    private var runs: [SCTPFragmentRun] = []
    private var streams: [UInt16: Stream] = [:]
    /// Messages to take.
    var delivered = FIFO<Message>()
    /// What incomplete and waiting messages cost, in bytes.
    private(set) var held = 0
    private var duplicates: [UInt32] = []
    private var acknowledgement = Acknowledgement.none
    private var unacknowledgedPackets = 0
    private var needsImmediateSack = false
    private let window: Int
    private let maxMessageSize: Int
    private let sackDelay: Duration

    init(initialTSN: UInt32, _ configuration: SCTPConfiguration) {
        cumulative = Int64(initialTSN) - 1
        window = configuration.receiveWindow
        maxMessageSize = configuration.maxReceivedMessageSize
        sackDelay = configuration.sackDelay
    }

    var cumulativeTSN: UInt32 { UInt32(truncatingIfNeeded: cumulative) }

    func unwrapped(_ tsn: UInt32) -> Int64 {
        cumulative + Int64(SerialNumber(tsn).distance(from: SerialNumber(cumulativeTSN)))
    }

    // MARK: Data

    mutating func receive(_ data: SCTPData) throws(SCTPViolation) {
        let tsn = unwrapped(data.tsn)
        if data.wantsImmediateSack { needsImmediateSack = true }
        guard canAccept(tsn, cost: data.payload.count + Self.fragmentOverhead), noteArrival(tsn) else { return }
        try store(data, tsn: tsn)
    }

    /// Acknowledges a chunk whose contents are of no use.
    mutating func receiveUnusable(_ data: SCTPData) {
        let tsn = unwrapped(data.tsn)
        if canAccept(tsn, cost: 0) { _ = noteArrival(tsn) }
    }

    private mutating func canAccept(_ tsn: Int64, cost: Int) -> Bool {
        if tsn <= cumulative { return true }
        let isNext = tsn == cumulative + 1
        // The chunk that fills the first gap may exceed the window: it frees what waits behind it.
        let fits = held + cost <= (isNext ? 2 * window : window)
        let isNear = tsn - cumulative <= Int64(UInt16.max)
        guard fits, isNear, isNext || runs.count < Self.maxRuns else {
            needsImmediateSack = true
            return false
        }
        return true
    }

    /// Answers false for a duplicate, and for one island too many.
    private mutating func noteArrival(_ tsn: Int64) -> Bool {
        let index = ranges.firstIndex { $0.upperBound >= tsn - 1 } ?? ranges.count
        let isDuplicate = tsn <= cumulative || index < ranges.count && ranges[index].contains(tsn)
        if isDuplicate {
            needsImmediateSack = true
            if duplicates.count < Self.maxDuplicates { duplicates.append(UInt32(truncatingIfNeeded: tsn)) }
            return false
        }
        if tsn == cumulative + 1 {
            // RFC 9260 §6.7: a gap that closes is told at once.
            if !ranges.isEmpty { needsImmediateSack = true }
            cumulative = tsn
            absorbRanges()
            return true
        }
        needsImmediateSack = true
        if index < ranges.count, ranges[index].upperBound == tsn - 1 {
            ranges[index] = ranges[index].lowerBound...tsn
            if index + 1 < ranges.count, ranges[index + 1].lowerBound == tsn + 1 {
                ranges[index] = ranges[index].lowerBound...ranges[index + 1].upperBound
                ranges.remove(at: index + 1)
            }
        } else if index < ranges.count, ranges[index].lowerBound == tsn + 1 {
            ranges[index] = tsn...ranges[index].upperBound
        } else {
            guard ranges.count < Self.maxRanges else { return false }
            ranges.insert(tsn...tsn, at: index)
        }
        return true
    }

    private mutating func absorbRanges() {
        while let first = ranges.first, first.lowerBound <= cumulative + 1 {
            cumulative = max(cumulative, first.upperBound)
            ranges.removeFirst()
        }
    }

    // MARK: Reassembly

    private mutating func store(_ data: SCTPData, tsn: Int64) throws(SCTPViolation) {
        let run = SCTPFragmentRun(data, tsn: tsn)
        if run.begins, run.ends { return deliver(run) }
        held += data.payload.count + Self.fragmentOverhead
        var index = runs.partitioningIndex { $0.first > tsn }
        if index > 0, runs[index - 1].precedes(run) {
            index -= 1
            runs[index].append(run)
        } else {
            runs.insert(run, at: index)
        }
        if index + 1 < runs.count, runs[index].precedes(runs[index + 1]) {
            let right = runs.remove(at: index + 1)
            runs[index].append(right)
        }
        guard runs[index].byteCount <= maxMessageSize, runs[index].parts.count <= Self.maxFragments else {
            throw SCTPViolation(reason: "message too large")
        }
        guard runs[index].begins, runs[index].ends else { return }
        let whole = runs.remove(at: index)
        held -= whole.cost
        deliver(whole)
    }

    private mutating func deliver(_ run: SCTPFragmentRun) {
        let message = Message(stream: run.stream, ppid: run.ppid, payload: run.payload)
        if run.isUnordered { return delivered.append(message) }
        let expected = streams[run.stream]?.expected ?? 0
        if run.sequence == expected {
            delivered.append(message)
            streams[run.stream, default: Stream()].expected = expected &+ 1
            deliverWaiting(run.stream)
        } else if SerialNumber(run.sequence) > SerialNumber(expected),
            streams[run.stream]?.waiting[run.sequence] == nil
        {
            held += message.payload.count + Self.fragmentOverhead
            streams[run.stream, default: Stream()].waiting[run.sequence] = message
        }
    }

    private mutating func deliverWaiting(_ id: UInt16) {
        while let expected = streams[id]?.expected,
            let message = streams[id]?.waiting.removeValue(forKey: expected)
        {
            streams[id]?.expected &+= 1
            held -= message.payload.count + Self.fragmentOverhead
            delivered.append(message)
        }
    }

    /// The peer's stream starts over with sequence number 0 (RFC 6525 §5.2.2).
    mutating func resetSequence(stream: UInt16) {
        guard let old = streams.removeValue(forKey: stream) else { return }
        for message in old.waiting.values { held -= message.payload.count + Self.fragmentOverhead }
    }

    /// All streams with any state.
    var knownStreams: [UInt16] { Array(streams.keys) }

    // MARK: FORWARD TSN

    mutating func skip(_ forward: SCTPForwardTSN, streamCount: UInt16) {
        needsImmediateSack = true
        let tsn = unwrapped(forward.cumulativeTSN)
        guard tsn > cumulative else { return }
        cumulative = tsn
        absorbRanges()
        // A message cut by the skip will never be whole.
        while let run = runs.first, run.first <= tsn {
            held -= run.cost
            runs.removeFirst()
        }
        for skip in forward.skips where skip.stream < streamCount { self.skip(skip) }
    }

    private mutating func skip(_ skip: SCTPForwardTSN.Skip) {
        var stream = streams[skip.stream] ?? Stream()
        guard SerialNumber(skip.sequence) >= SerialNumber(stream.expected) else { return }
        // What is complete among the skipped is still delivered, in order.
        let base = SerialNumber(stream.expected)
        let passed = stream.waiting.keys.filter { SerialNumber($0) <= SerialNumber(skip.sequence) }
            .sorted { SerialNumber($0).distance(from: base) < SerialNumber($1).distance(from: base) }
        for sequence in passed {
            guard let message = stream.waiting.removeValue(forKey: sequence) else { continue }
            held -= message.payload.count + Self.fragmentOverhead
            delivered.append(message)
        }
        stream.expected = skip.sequence &+ 1
        streams[skip.stream] = stream
        deliverWaiting(skip.stream)
    }

    // MARK: Acknowledging

    /// To be called after each packet with DATA or FORWARD TSN: the second in a row, and anything out of the
    /// ordinary, is acknowledged at once.
    mutating func endPacket(now: Instant) {
        unacknowledgedPackets += 1
        if needsImmediateSack || unacknowledgedPackets >= 2 || !ranges.isEmpty {
            acknowledgement = .due
        } else if case .none = acknowledgement {
            acknowledgement = .delayed(until: now + sackDelay)
        }
    }

    var sackDeadline: Instant? {
        if case .delayed(let until) = acknowledgement { until } else { nil }
    }

    /// Whether a SACK could go along with other chunks.
    var hasSackPending: Bool {
        if case .none = acknowledgement { false } else { true }
    }

    func isSackDue(now: Instant) -> Bool {
        switch acknowledgement {
        case .none: false
        case .delayed(let until): now >= until
        case .due: true
        }
    }

    mutating func advance(to now: Instant) {
        if isSackDue(now: now) { acknowledgement = .due }
    }

    /// The SACK to send now, in `room` bytes at most.
    mutating func takeSack(room: Int) -> SCTPSack {
        acknowledgement = .none
        unacknowledgedPackets = 0
        needsImmediateSack = false
        var sack = SCTPSack(cumulativeTSN: cumulativeTSN, window: UInt32(clamping: window - held))
        let slots = max(0, (room - 16) / 4)
        for range in ranges.prefix(slots) where range.upperBound - cumulative <= Int64(UInt16.max) {
            sack.gaps.append(
                .init(first: UInt16(range.lowerBound - cumulative), last: UInt16(range.upperBound - cumulative)))
        }
        sack.duplicates = Array(duplicates.prefix(slots - sack.gaps.count))
        duplicates = []
        return sack
    }
}

/// The peer did what its protocol forbids, or went past a stated limit.
struct SCTPViolation: Error {
    var reason: StaticString
}

extension Array {
    /// The first index whose element satisfies `isBehind`, in an array where all that do come last.
    fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
