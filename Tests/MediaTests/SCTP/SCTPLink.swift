@testable import Media

/// A seeded generator, so that failures repeat.
struct SCTPTestGenerator: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// Two associations in simulated time, with a bad network between them.
struct SCTPLink {
    enum Side: Int { case a, b }

    struct Fault: Sendable, CustomStringConvertible {
        var loss = 0.0
        var duplication = 0.0
        /// Each packet takes 10 ms and up to this many milliseconds more: more than the spacing reorders.
        var jitter = 0.0
        var description: String { "loss \(loss) duplication \(duplication) jitter \(jitter)" }
    }

    struct Flight {
        var arrival: Instant
        var order: Int
        var to: Side
        var packet: [UInt8]
    }

    var a: SCTPAssociation
    var b: SCTPAssociation
    var now = Instant(nanoseconds: 1_000_000_000)
    var fault: Fault
    var random: SCTPTestGenerator
    var wire: [Flight] = []
    var sent = 0
    var events: [[SCTPEvent]] = [[], []]
    /// Packets for which this answers true never arrive.
    var drops: (Side, SCTPPacket) -> Bool = { _, _ in false }
    /// How far a packet may exceed: the largest seen.
    var largestPacket = 0

    init(
        fault: Fault = Fault(), seed: UInt64 = 1, roles: (SCTPRole, SCTPRole) = (.active, .passive),
        configuration: SCTPConfiguration = SCTPConfiguration(), other: SCTPConfiguration? = nil
    ) {
        random = SCTPTestGenerator(state: seed)
        self.fault = fault
        a = SCTPAssociation(
            role: roles.0, usesEvenStreams: true, configuration: configuration, now: now, using: &random)
        b = SCTPAssociation(
            role: roles.1, usesEvenStreams: false, configuration: other ?? configuration, now: now, using: &random)
        a.start(now: now)
        b.start(now: now)
        pump()
    }

    /// Takes everything there is to take.
    mutating func pump() {
        while let packet = a.pollPacket(now: now) { post(packet, to: .b) }
        while let packet = b.pollPacket(now: now) { post(packet, to: .a) }
        while let event = a.pollEvent() { events[0].append(event) }
        while let event = b.pollEvent() { events[1].append(event) }
    }

    private mutating func post(_ packet: [UInt8], to side: Side) {
        largestPacket = max(largestPacket, packet.count)
        if let parsed = try? SCTPPacket(parsing: packet.span.bytes), drops(side, parsed) { return }
        if Double.random(in: 0..<1, using: &random) < fault.loss { return }
        let copies = Double.random(in: 0..<1, using: &random) < fault.duplication ? 2 : 1
        for _ in 0..<copies {
            let jitter = fault.jitter > 0 ? Double.random(in: 0..<fault.jitter, using: &random) : 0
            sent += 1
            wire.append(
                Flight(arrival: now + .milliseconds(10) + .milliseconds(jitter), order: sent, to: side, packet: packet))
        }
    }

    /// The next thing that happens; false when nothing will before `limit`.
    mutating func step(limit: Instant) -> Bool {
        pump()
        let arrival = wire.indices.min { (wire[$0].arrival, wire[$0].order) < (wire[$1].arrival, wire[$1].order) }
        let times = [arrival.map { wire[$0].arrival }, a.nextTimeout, b.nextTimeout].compactMap { $0 }
        guard let next = times.min(), next <= limit else { return false }
        now = max(now, next)
        if let arrival, wire[arrival].arrival <= now {
            let flight = wire.remove(at: arrival)
            deliver(flight.packet, to: flight.to)
        } else {
            a.advance(to: now)
            b.advance(to: now)
        }
        pump()
        return true
    }

    mutating func deliver(_ packet: [UInt8], to side: Side) {
        switch side {
        case .a: a.receive(packet.span.bytes, now: now)
        case .b: b.receive(packet.span.bytes, now: now)
        }
    }

    /// Until the condition holds, at most this long. Answers whether it does.
    @discardableResult
    mutating func run(for duration: Duration = .seconds(60), until isDone: (SCTPLink) -> Bool = { _ in false }) -> Bool
    {
        let limit = now + duration
        pump()
        var steps = 0
        while !isDone(self) {
            steps += 1
            // A loop at one instant would never end.
            guard steps < 1_000_000, step(limit: limit) else {
                now = limit
                return isDone(self)
            }
        }
        return true
    }

    mutating func connect() {
        run { $0.a.isConnected && $0.b.isConnected }
    }

    /// Opens a channel from `a` and waits until both sides have it.
    mutating func open(_ reliability: ChannelReliability = .reliable, ordered: Bool = true) -> ChannelID {
        let id = a.openChannel(label: "x", reliability: reliability, ordered: ordered, now: now)
        run { $0.hasOpened(id) }
        return id
    }

    func hasOpened(_ id: ChannelID) -> Bool {
        events.allSatisfy { list in
            list.contains { if case .channelOpened(id, _, _, _, _) = $0 { true } else { false } }
        }
    }

    func messages(_ side: Side) -> [[UInt8]] {
        events[side.rawValue].compactMap { if case .message(_, let bytes, _) = $0 { bytes } else { nil } }
    }

    func hasClosed(_ id: ChannelID, _ side: Side) -> Bool {
        events[side.rawValue].contains(.channelClosed(id))
    }
}

/// A message that says its own number, of the given size.
func numbered(_ number: Int, size: Int = 8) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt32(number))
    while writer.count < size { writer.write(UInt8(truncatingIfNeeded: number &* 31 &+ writer.count &* 7)) }
    return writer.bytes
}
