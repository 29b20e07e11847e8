import Media

@testable import Relay

/// A viewer of one sound and one simulcast video track behind a `SimulatedLink`, under `CongestionControl`, with a
/// real receiver's feedback. Time passes in steps of a millisecond.
struct SimulatedViewer {
    struct Sample {
        /// Since the start.
        var time: Duration
        var bandwidth: Int
        /// nil: paused.
        var layer: Int?
        var temporalLayer: UInt8
    }

    private struct InFlight {
        var sequence: UInt16
        var arrival: Instant
        var isAudio: Bool
        var sent: Instant
    }

    static let track = TrackID("TR_camera")
    static let padding = 300

    var link: SimulatedLink
    /// Whole layers, bits a second.
    var layers = [150_000, 500_000, 1_700_000]
    /// What of a layer its temporal layers take, each with those below it.
    var temporalShares = [0.4, 0.6, 1.0, 1.0]
    var wanted = 2
    /// The way back.
    var feedbackIsLost = false
    /// What the viewer says that the line carries, bits a second.
    var limit: Int? {
        get { control.limit }
        set { control.limit = newValue }
    }
    /// Keyframes are this many times the size of other frames.
    var keyframeFactor = 6.0
    private(set) var control = CongestionControl()
    private(set) var samples: [Sample] = []
    /// Since `forgetSound`.
    private(set) var soundSent = 0
    private(set) var soundLost = 0
    private(set) var worstSoundDelay = Duration.zero
    /// Packets of padding.
    private(set) var probes = 0
    private(set) var sent: (bytes: Int, packets: Int, lost: Int) = (0, 0, 0)

    private var sequencer = TransportSequencerBox()
    private var builder = TransportFeedbackBuilder(senderSSRC: 1, mediaSSRC: 2)
    private var generator: SeededGenerator
    private let start = Instant(nanoseconds: 1_000_000_000)
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private var flying: [InFlight] = []
    private var feedbacks: [(at: Instant, TransportFeedback)] = []
    private var grant = LayerAllocator.Grant.unlimited
    private var frame = 0
    private var ticks = 0

    init(_ link: SimulatedLink, seed: UInt64 = 1) {
        self.link = link
        generator = SeededGenerator(seed: seed)
    }

    var layer: Int? { samples.last?.layer }

    /// Samples of the last `duration`.
    func last(_ duration: Duration) -> ArraySlice<Sample> {
        let from = (now - start) - duration
        return samples[(samples.firstIndex { $0.time >= from } ?? samples.endIndex)...]
    }

    mutating func forgetSound() {
        (soundSent, soundLost, worstSoundDelay) = (0, 0, .zero)
    }

    mutating func run(_ duration: Duration) {
        let end = now + duration
        while now < end {
            step()
            now = now + .milliseconds(1)
            ticks += 1
        }
    }

    private mutating func step() {
        receive()
        if ticks % 20 == 0 { sendSound() }
        if ticks % 33 == 0 { sendFrame() }
        if ticks % 50 == 0 { allocate() }
        for _ in 0..<control.probe(packetSize: Self.padding, now: now) {
            control.probed(send(Self.padding - 28, isAudio: false), now: now)
            probes += 1
        }
    }

    private mutating func allocate() {
        let rates = layers.map { rate in
            var temporal = InlineArray<4, Int>(repeating: rate)
            for index in 0..<4 { temporal[index] = Int(Double(rate) * temporalShares[index]) }
            return temporal
        }
        let demand = LayerAllocator.Demand(
            track: Self.track, importance: .camera(pixels: 1280 * 720), wanted: wanted,
            ladder: LayerStep.ladder(rates, upTo: wanted, hasTemporalLayers: true))
        // Something has been sent to it already: for its beginning see `StartingViewer`.
        let grants = control.allocate(
            [demand], reserved: 55_000, lastSent: sequencer.lastSent, canBeginSmall: false, now: now)
        grant = grants[Self.track] ?? .unlimited
        let (layer, temporal): (Int?, UInt8) =
            switch grant {
            case .paused: (nil, 0)
            case .step(let layer, let temporal): (layer, temporal)
            case .unlimited: (wanted, 3)
            }
        samples.append(
            Sample(time: now - start, bandwidth: control.bandwidth, layer: layer, temporalLayer: temporal))
    }

    /// 40 kbit/s of Opus.
    private mutating func sendSound() {
        _ = send(100 + 12 + 16, isAudio: true)
    }

    private mutating func sendFrame() {
        defer { frame += 1 }
        guard let layer = samples.last?.layer, let temporal = samples.last?.temporalLayer else { return }
        let id = [0, 2, 1, 2][frame % 4]
        guard id <= Int(temporal) else { return }
        let perFrame = Double(layers[layer]) / 8 / 30
        // The shares of a picture of each temporal layer in a group of four.
        let weight = [1.6, 0.8, 0.8, 0.8][frame % 4]
        let isKeyframe = frame % 300 == 0
        var left = Int(perFrame * weight * (isKeyframe ? keyframeFactor : .random(in: 0.8...1.2, using: &generator)))
        while left > 0 {
            _ = send(min(left, 1100) + 40, isAudio: false)
            left -= 1100
        }
    }

    private mutating func send(_ size: Int, isAudio: Bool) -> UInt16 {
        let sequence = sequencer.send(size: size, now: now)
        sent.bytes += size + TransportSequencer.packetOverhead
        sent.packets += 1
        if isAudio { soundSent += 1 }
        guard let arrival = link.send(size + 28, now: now, using: &generator) else {
            sent.lost += 1
            if isAudio { soundLost += 1 }
            return sequence
        }
        flying.append(InFlight(sequence: sequence, arrival: arrival, isAudio: isAudio, sent: now))
        return sequence
    }

    private mutating func receive() {
        let arrived = flying.prefix { $0.arrival <= now }
        for packet in arrived {
            builder.record(transportSequence: packet.sequence, arrival: packet.arrival + .seconds(1000))
            if packet.isAudio { worstSoundDelay = max(worstSoundDelay, packet.arrival - packet.sent) }
        }
        flying.removeFirst(arrived.count)
        while let feedback = builder.poll(now + .seconds(1000)) {
            if !feedbackIsLost { feedbacks.append((now + link.delay, feedback)) }
        }
        while let next = feedbacks.first, next.at <= now {
            feedbacks.removeFirst()
            control.receive(sequencer.receive(next.1, now: now), now: now)
        }
    }
}

/// The sequencer in a place that a copyable value can have.
final class TransportSequencerBox {
    private var sequencer = TransportSequencer()

    var lastSent: Instant? { sequencer.lastSent }

    func send(size: Int, now: Instant) -> UInt16 { sequencer.send(size: size, now: now) }

    func receive(_ feedback: TransportFeedback, now: Instant) -> [PacketReport] {
        sequencer.receive(feedback, now: now)
    }
}
