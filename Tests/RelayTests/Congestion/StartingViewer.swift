import Media

@testable import Relay

/// The first seconds of a viewer who comes to a running simulcast stream behind a `SimulatedLink`: what is cached goes
/// out at a pacer's rate, and what follows as it comes, under `CongestionControl`. Time passes in steps of a millisecond.
struct StartingViewer {
    /// What left as one frame.
    private struct Frame {
        var layer: Int
        var isKeyframe: Bool
        /// When it was captured.
        var at: Duration
        var bytes: Int
    }

    private struct InFlight {
        var sequence: UInt16
        var sent: Instant
        var arrival: Instant
        /// The frame that this packet ends.
        var ends: Frame?
        var isSound = false
    }

    static let layers = [150_000, 500_000, 1_700_000]
    private static let frameInterval = Duration.milliseconds(33)
    private static let padding = 300

    var link: SimulatedLink
    /// The connection can carry padding with transport-wide numbers.
    var canProbe = true
    private(set) var control = CongestionControl()
    /// Since the viewer came.
    private(set) var firstFrame: Duration?
    private(set) var fullLayer: Duration?
    private(set) var worstQueue = Duration.zero
    private(set) var worstSound = Duration.zero
    private(set) var layer: Int?
    private(set) var lost = 0
    /// Keyframes that the creator was asked for.
    private(set) var asked = 0

    /// How old the newest keyframe is when the viewer comes.
    private let age: Duration
    private let start = Instant(nanoseconds: 1_000_000_000)
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private var sequencer = TransportSequencerBox()
    private var builder = TransportFeedbackBuilder(senderSSRC: 1, mediaSSRC: 2)
    private var generator: SeededGenerator
    private var flying: [InFlight] = []
    private var feedbacks: [(at: Instant, TransportFeedback)] = []
    private var pacer: Pacer?
    /// What is to be replayed, the oldest first.
    private var behind: [Frame] = []
    private var began: Instant?
    /// The layer that is granted, and when a keyframe asked of the creator comes.
    private var target = 2
    private var keyframeAt: Instant?

    init(_ link: SimulatedLink, age: Duration = .seconds(2), seed: UInt64 = 1) {
        self.link = link
        self.age = age
        generator = SeededGenerator(seed: seed)
    }

    private var time: Duration { now - start }

    mutating func run(_ duration: Duration) {
        for tick in 0..<Int(duration / .milliseconds(1)) {
            receive()
            if tick % 20 == 0 { _ = send(128, ends: nil, isSound: true) }
            if tick % 50 == 0 { allocate() }
            if tick % 33 == 0 { capture(tick / 33) }
            catchUp()
            for _ in 0..<control.probe(packetSize: Self.padding, now: now) {
                control.probed(send(Self.padding - 28, ends: nil), now: now)
            }
            worstQueue = max(worstQueue, link.queueing)
            now = now + .milliseconds(1)
        }
    }

    // MARK: - The track

    private static func size(_ layer: Int, isKeyframe: Bool, isBase: Bool) -> Int {
        let average = Double(layers[layer]) / 8 / 30
        return Int(average * (isKeyframe ? 9.6 : isBase ? 1.6 : 0.8))
    }

    /// The frames that a viewer who starts now from the cache is sent: the keyframe, and the base layer since.
    private func cached(_ layer: Int) -> [Frame] {
        let count = Int((age + time) / Self.frameInterval)
        return stride(from: 0, through: count, by: 4).map { index in
            Frame(
                layer: layer, isKeyframe: index == 0, at: Self.frameInterval * index - age,
                bytes: Self.size(layer, isKeyframe: index == 0, isBase: true))
        }
    }

    private mutating func capture(_ index: Int) {
        if let due = keyframeAt, due <= now {
            keyframeAt = nil
            layer = target
            behind = []
            return send(frame(isKeyframe: true, isBase: true))
        }
        guard layer != nil else { return }
        let isBase = index % 4 == 0
        if behind.isEmpty {
            send(frame(isKeyframe: false, isBase: isBase))
        } else if isBase {
            behind.append(frame(isKeyframe: false, isBase: true))
        }
    }

    private func frame(isKeyframe: Bool, isBase: Bool) -> Frame {
        Frame(
            layer: layer!, isKeyframe: isKeyframe, at: time,
            bytes: Self.size(layer!, isKeyframe: isKeyframe, isBase: isBase))
    }

    // MARK: - What a worker does

    private mutating func allocate() {
        let rates = Self.layers.map { rate in
            var temporal = InlineArray<4, Int>(repeating: rate)
            (temporal[0], temporal[1]) = (rate * 4 / 10, rate * 6 / 10)
            return temporal
        }
        let demand = LayerAllocator.Demand(
            track: TrackID("TR_camera"), importance: .camera(pixels: 1280 * 720), wanted: 2,
            ladder: LayerStep.ladder(rates, upTo: 2, hasTemporalLayers: true))
        let grants = control.allocate(
            [demand], reserved: 55_000, lastSent: sequencer.lastSent, canBeginSmall: canProbe, now: now)
        guard case .step(let granted, _) = grants[TrackID("TR_camera")] else { return }
        target = granted
        guard layer != target else { return }
        let isStarting = began.map { now - $0 < CatchUp.maximumDuration } ?? true
        if isStarting, age + time < CatchUp.maximumAge {
            began = began ?? now
            layer = target
            behind = cached(target)
            let backlog = behind.reduce(0) { $0 + $1.bytes }
            let pace = CatchUp.pace(backlog: backlog, bitrate: Self.layers[target], line: line)
            pacer =
                control.isTesting
                ? Pacer(rate: CatchUp.testingPace, burst: CatchUp.testingBurst, now: now)
                : Pacer(rate: pace, burst: CatchUp.burst, opening: CatchUp.opening, now: now)
        } else if keyframeAt == nil {
            asked += 1
            keyframeAt = now + .milliseconds(100)
        }
    }

    private var line: Int? { control.isKnown ? control.bandwidth * 5 / 4 - 55_000 : nil }

    private mutating func catchUp() {
        if let line { pacer?.limit(to: line) }
        while !behind.isEmpty, pacer!.budget(at: now) > 0 {
            let packet = min(behind[0].bytes, 1100)
            behind[0].bytes -= packet
            let isEnd = behind[0].bytes <= 0
            _ = send(packet + 40, ends: isEnd ? behind[0] : nil)
            pacer!.spend(packet + CatchUp.packetOverhead)
            if isEnd { behind.removeFirst() }
        }
    }

    // MARK: - The line

    private mutating func send(_ frame: Frame) {
        var left = frame.bytes
        while left > 0 {
            let packet = min(left, 1100)
            left -= packet
            _ = send(packet + 40, ends: left == 0 ? frame : nil)
        }
    }

    private mutating func send(_ size: Int, ends frame: Frame?, isSound: Bool = false) -> UInt16 {
        let sequence = sequencer.send(size: size, now: now)
        guard let arrival = link.send(size + 28, now: now, using: &generator) else {
            lost += 1
            return sequence
        }
        flying.append(InFlight(sequence: sequence, sent: now, arrival: arrival, ends: frame, isSound: isSound))
        return sequence
    }

    private mutating func receive() {
        while let packet = flying.first, packet.arrival <= now {
            flying.removeFirst()
            builder.record(transportSequence: packet.sequence, arrival: packet.arrival + .seconds(1000))
            if packet.isSound { worstSound = max(worstSound, packet.arrival - packet.sent - link.delay) }
            guard let frame = packet.ends else { continue }
            firstFrame = firstFrame ?? packet.arrival - start
            if frame.layer == 2, fullLayer == nil { fullLayer = packet.arrival - start }
        }
        while let feedback = builder.poll(now + .seconds(1000)) { feedbacks.append((now + link.delay, feedback)) }
        while let next = feedbacks.first, next.at <= now {
            feedbacks.removeFirst()
            let wasTesting = control.isTesting
            control.receive(sequencer.receive(next.1, now: now), now: now)
            if wasTesting, !control.isTesting { allocate() }
        }
    }
}
