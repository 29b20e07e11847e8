import Media

@testable import Relay

/// A viewer who comes to a `SimulatedTrack` while it runs, with what its worker does for it: a fan-out's positions, a
/// choice between cache and publisher, and a pacer.
final class LateViewer {
    struct Seen {
        var packet: SeenPacket
        var at: Instant
        var isReplayed: Bool
    }

    let track: SimulatedTrack
    let subscription: Subscription
    /// Bits a second.
    var line: Int?
    /// Packets that a busy fan-out is behind the ring's end.
    var lag = 0
    private(set) var seen: [Seen] = []
    private(set) var keyframesAsked = 0
    private(set) var cachedStarts = 0
    /// When the viewer was last live after having been behind.
    private(set) var liveAt: Instant?

    private var positions: [PacketRing.Reader]
    private var pacer = Pacer(rate: 0, burst: 1500, now: Instant(nanoseconds: 0))
    private var unwrapper = SequenceUnwrapper()

    init(_ track: SimulatedTrack, seed: UInt64, line: Int? = nil) {
        self.track = track
        self.line = line
        var generator = SplitMix64(seed: seed)
        subscription = Subscription(
            Subscription.Configuration(
                ssrc: 77, payloadType: 100, codec: .video(.vp8), clockRate: 90_000, layerCount: track.incoming.count),
            using: &generator)
        positions = track.incoming.map { PacketRing.Reader(atEndOf: $0.ring) }
        for (layer, incoming) in track.incoming.enumerated() {
            if let report = incoming.ring.latestSenderReport { subscription.note(report, layer: layer) }
            if let newest = incoming.ring.newestMedia { subscription.observe(layer, arrival: newest.arrival) }
        }
        choose()
        catchUp()
    }

    var packets: [SeenPacket] { seen.map(\.packet) }

    func run(frames: Int) throws {
        for _ in 0..<frames {
            try track.step()
            drain()
            choose()
            let end = track.now + .nanoseconds(33_333_333)
            while subscription.isBehind, track.now < end {
                catchUp()
                track.now = track.now + Pacer.interval
            }
            track.now = end - .nanoseconds(33_333_333)
        }
    }

    /// The worker does nothing for so many frames, and then goes on with the newest keyframe.
    func stall(frames: Int) throws {
        for _ in 0..<frames {
            try track.step()
            track.now = track.now + .nanoseconds(33_333_333)
        }
        for layer in positions.indices {
            guard let keyframe = track.incoming[layer].ring.keyframeStart else { continue }
            positions[layer].skip(to: keyframe.index)
            subscription.skip(to: keyframe, layer: layer)
        }
    }

    /// Loses the picture; true when the cache repaired it.
    func pictureLost() -> Bool {
        guard let layer = subscription.receivePictureLoss(track.now) else { return false }
        return start(layer, within: CatchUp.maximumJump)
    }

    /// Bits a second for what is still to come of the past.
    func slowDown(to rate: Int) {
        pacer = Pacer(rate: rate, burst: 0, now: track.now)
    }

    func fallBehind(rate: Int) {
        pacer = Pacer(rate: rate, burst: 0, now: track.now)
        subscription.fallBehind(at: positions[subscription.currentLayer!].position)
    }

    private func drain() {
        for layer in positions.indices {
            let ring = track.incoming[layer].ring
            while positions[layer].position < ring.end - Int64(lag), let info = positions[layer].next(in: ring) {
                if let rewrite = subscription.rewrite(info, layer: layer) { take(rewrite, info, isReplayed: false) }
            }
        }
    }

    private func choose() {
        guard let wanted = subscription.advance(to: track.now).requestKeyframe else { return }
        if subscription.currentLayer == nil {
            for layer in (0...wanted).reversed() where subscription.mayBegin(with: layer) {
                if start(layer, within: CatchUp.maximumAge) {
                    if layer == wanted { return }
                    break
                }
            }
        } else if start(wanted, within: CatchUp.maximumJump) {
            return
        }
        keyframesAsked += 1
        track.askForKeyframe(wanted)
    }

    private func start(_ layer: Int, within age: Duration) -> Bool {
        guard let start = CachedStart(track.incoming[layer].ring), start.keyframe.index < positions[layer].position,
            CatchUp.serves(start, within: age, line: line, now: track.now)
        else { return false }
        subscription.start(from: start, layer: layer)
        pacer = Pacer(rate: CatchUp.pace(for: start, line: line, now: track.now), burst: 1500, now: track.now)
        cachedStarts += 1
        return true
    }

    private func catchUp() {
        guard subscription.isBehind else { return }
        while pacer.budget(at: track.now) > 0, let layer = subscription.currentLayer,
            let (info, rewrite) = subscription.nextBehind(
                in: track.incoming[layer].ring, before: positions[layer].position)
        {
            take(rewrite, info, isReplayed: true)
            pacer.spend(info.byteCount)
        }
        if !subscription.isBehind { liveAt = track.now }
    }

    private func take(_ rewrite: Rewrite, _ info: PacketInfo, isReplayed: Bool) {
        guard let packet = try? SeenPacket(track.write(rewrite, info), &unwrapper) else { return }
        seen.append(Seen(packet: packet, at: track.now, isReplayed: isReplayed))
    }
}
