import Media

/// The packets of one stream around the one that is waited for: puts them in order, notices what is missing, asks for it
/// again and gives it up after a while, or when a whole keyframe is there: browsers play on from that, whatever is
/// missing before it.
struct ArrivalWindow: Sendable {
    /// Packets that may be ahead of the one waited for.
    static let capacity = 1024
    static let patience = Duration.seconds(1)
    static let firstRequest = Duration.milliseconds(10)
    static let requestInterval = Duration.milliseconds(60)
    static let maximumRequests = 10

    struct Packet: Sendable {
        var endsFrame: Bool
        var beginsKeyframe: Bool
        var timestamp: UInt32
        /// Kept only where pictures are decoded.
        var payload: [UInt8]
    }

    private struct Gap: Sendable {
        var since: Instant
        var requested: Instant?
        var requests = 0
    }

    /// Whether keyframes make what is missing before them needless.
    let hasKeyframes: Bool
    private var unwrapper = SequenceUnwrapper()
    private var waiting: [Int64: Packet] = [:]
    private var gaps: [Int64: Gap] = [:]
    private var next: Int64?
    /// Where keyframes begin among those that wait.
    private var keyframes: [Int64] = []
    private(set) var highest: Int64 = 0
    private var start: Int64 = 0
    private(set) var received = 0
    private(set) var duplicates = 0
    /// Never came.
    private(set) var lost = 0
    /// Came after a request.
    private(set) var recovered = 0
    private(set) var requests = 0

    init(hasKeyframes: Bool = true) {
        self.hasKeyframes = hasKeyframes
    }

    /// Packets that were expected up to now.
    var expected: Int { next == nil ? 0 : Int(highest - start + 1) }

    /// Takes a packet; false when it is known already or came too late.
    mutating func insert(_ sequence: UInt16, _ packet: Packet, now: Instant) -> Bool {
        let number = unwrapper.unwrap(sequence)
        guard let next else {
            self.next = number
            (start, highest) = (number, number)
            waiting[number] = packet
            received += 1
            return true
        }
        guard number >= next, waiting[number] == nil else {
            duplicates += 1
            return false
        }
        received += 1
        if number > highest {
            for missing in (highest + 1)..<max(highest + 1, min(number, highest + Int64(Self.capacity))) {
                gaps[missing] = Gap(since: now)
            }
            highest = number
        } else if let gap = gaps.removeValue(forKey: number), gap.requests > 0 {
            recovered += 1
        }
        waiting[number] = packet
        if hasKeyframes, packet.beginsKeyframe { keyframes.append(number) }
        return true
    }

    /// The next packet in order; `.gap` once for a run of packets that were given up.
    enum Next {
        case packet(UInt16, Packet)
        case gap
    }

    mutating func pop(now: Instant) -> Next? {
        guard let next else { return nil }
        if let packet = waiting.removeValue(forKey: next) {
            if packet.beginsKeyframe { keyframes.removeAll { $0 <= next } }
            self.next = next + 1
            return .packet(UInt16(truncatingIfNeeded: next), packet)
        }
        if let keyframe = keyframes.last(where: isWhole) {
            skip(to: keyframe)
            return .gap
        }
        guard next <= highest, let gap = gaps[next] else {
            // Beyond what gaps are kept for.
            guard next < highest else { return nil }
            skip(to: waiting.keys.min() ?? highest)
            return .gap
        }
        guard now - gap.since > Self.patience || highest - next >= Int64(Self.capacity) else { return nil }
        skip(to: waiting.keys.min() ?? highest + 1)
        return .gap
    }

    /// Whether the frame that begins here has come to its end.
    private func isWhole(_ start: Int64) -> Bool {
        var number = start
        while let packet = waiting[number] {
            if packet.endsFrame { return true }
            number += 1
        }
        return false
    }

    private mutating func skip(to number: Int64) {
        guard let next, number > next else { return }
        for passed in next..<number where waiting.removeValue(forKey: passed) == nil { lost += 1 }
        keyframes.removeAll { $0 < number }
        for missing in next..<min(number, next + 4 * Int64(Self.capacity)) { gaps[missing] = nil }
        self.next = number
    }

    /// The numbers to ask for now.
    mutating func poll(_ now: Instant) -> [UInt16] {
        guard !gaps.isEmpty else { return [] }
        var numbers: [UInt16] = []
        for (number, gap) in gaps where now - gap.since >= Self.firstRequest && gap.requests < Self.maximumRequests {
            if let requested = gap.requested, now - requested < Self.requestInterval { continue }
            gaps[number]!.requested = now
            gaps[number]!.requests += 1
            numbers.append(UInt16(truncatingIfNeeded: number))
        }
        requests += numbers.count
        return numbers.sorted()
    }
}
