import Media
import Testing

@testable import Relay

@Suite struct LayerAllocation {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func rates(_ layers: [Int], shares: [Double] = [0.4, 0.6, 1, 1]) -> [InlineArray<4, Int>] {
        layers.map { rate in
            var temporal = InlineArray<4, Int>(repeating: 0)
            for index in 0..<4 { temporal[index] = Int(Double(rate) * shares[index]) }
            return temporal
        }
    }

    private func demand(
        _ name: String, _ layers: [Int], importance: LayerAllocator.Importance = .camera(pixels: 1), wanted: Int = 2
    ) -> LayerAllocator.Demand {
        LayerAllocator.Demand(
            track: TrackID(name), importance: importance, wanted: wanted,
            ladder: LayerStep.ladder(rates(layers), upTo: wanted, hasTemporalLayers: true))
    }

    @Test func `a ladder rises in cost and in quality, and never above what is wanted`() {
        let ladder = LayerStep.ladder(rates([150, 500, 1700]), upTo: 2, hasTemporalLayers: true)
        #expect(ladder.map(\.layer) == [0, 0, 0, 1, 1, 2, 2])
        #expect(ladder.map(\.temporalLayer) == [0, 1, 3, 1, 3, 1, 3])
        #expect(zip(ladder, ladder.dropFirst()).allSatisfy { $0.bitrate < $1.bitrate && $1.isBetter(than: $0) })
        #expect(LayerStep.ladder(rates([150, 500]), upTo: 0, hasTemporalLayers: false).map(\.layer) == [0])
    }

    @Test func `a picture at its least goes on with three quarters of what that takes, but does not begin so`() {
        let camera = demand("a", [100, 300, 900])
        var allocator = LayerAllocator()
        func granted(_ bandwidth: Int) -> LayerAllocator.Grant? {
            allocator.allocate([camera], bandwidth: bandwidth, reserved: 0, now: start)[camera.track]
        }
        // Its least takes 40, and 48 with headroom.
        #expect(granted(47) == .paused)
        allocator = LayerAllocator()
        #expect(granted(48) == .step(layer: 0, temporalLayer: 0))
        #expect(granted(30) == .step(layer: 0, temporalLayer: 0))
        #expect(granted(29) == .paused)
    }

    @Test func `the first look gives the whole of each lowest layer, and what is better does not wait later`() {
        var allocator = LayerAllocator()
        let demands = [demand("a", [100, 300, 900]), demand("b", [0, 200])]
        let unknown = LayerAllocator.Demand(
            track: TrackID("c"), importance: .camera(pixels: 1), wanted: 1, ladder: [])
        let least = allocator.allocateLeast(demands + [unknown])
        #expect(least[TrackID("a")] == .step(layer: 0, temporalLayer: 3))
        #expect(least[TrackID("b")] == .step(layer: 1, temporalLayer: 3))
        #expect(least[TrackID("c")] == .step(layer: 0, temporalLayer: 3))
        #expect(allocator.missing == nil)
        let all = allocator.allocate(demands, bandwidth: 5000, reserved: 0, now: start)
        #expect(all[TrackID("a")] == .step(layer: 2, temporalLayer: 3))
    }

    @Test func `layers that are not sent, or cost less than a lower one, leave a ladder whole`() {
        #expect(LayerStep.ladder(rates([0, 500, 0]), upTo: 2, hasTemporalLayers: false).map(\.layer) == [1])
        #expect(LayerStep.ladder(rates([600, 500]), upTo: 1, hasTemporalLayers: false).map(\.layer) == [1])
        #expect(LayerStep.ladder(rates([0, 0, 0]), upTo: 2, hasTemporalLayers: true).isEmpty)
        // One temporal layer only.
        let flat = LayerStep.ladder(rates([150], shares: [1, 1, 1, 1]), upTo: 0, hasTemporalLayers: true)
        #expect(flat.map(\.temporalLayer) == [3])
    }

    @Test func `what is known of nothing is not limited`() {
        var allocator = LayerAllocator()
        let grants = allocator.allocate(
            [demand("a", [0, 0, 0])], bandwidth: 100, reserved: 0, now: start)
        #expect(grants == [TrackID("a"): .unlimited])
    }

    @Test func `a shared screen comes before cameras, and a large camera before a small one`() {
        var allocator = LayerAllocator()
        let demands = [
            demand("small", [100, 300, 1000], importance: .camera(pixels: 100)),
            demand("screen", [200, 600, 2000], importance: .screenShare),
            demand("large", [100, 300, 1000], importance: .camera(pixels: 1000)),
        ]
        let grants = allocator.allocate(demands, bandwidth: 2600, reserved: 0, now: start)
        #expect(grants[TrackID("screen")] == .step(layer: 2, temporalLayer: 3))
        #expect(grants[TrackID("large")] == .step(layer: 0, temporalLayer: 3))
        #expect(grants[TrackID("small")] == .step(layer: 0, temporalLayer: 1))
        let fewer = allocator.allocate(demands, bandwidth: 95, reserved: 0, now: start + .seconds(1))
        #expect(fewer[TrackID("screen")] == .step(layer: 0, temporalLayer: 0))
        #expect(fewer[TrackID("large")] == .paused)
        #expect(fewer[TrackID("small")] == .paused)
    }

    @Test func `sound is paid first`() {
        var allocator = LayerAllocator()
        let grants = allocator.allocate([demand("a", [100, 300, 900])], bandwidth: 150, reserved: 120, now: start)
        #expect(grants[TrackID("a")] == .paused)
    }

    @Test func `down at once, up after a time with headroom`() {
        var allocator = LayerAllocator()
        let track = TrackID("a")
        let demands = [demand("a", [100, 300, 900])]
        var now = start
        func at(_ bandwidth: Int, after: Duration) -> LayerAllocator.Grant? {
            now = now + after
            return allocator.allocate(demands, bandwidth: bandwidth, reserved: 0, now: now)[track]
        }
        #expect(at(2000, after: .zero) == .step(layer: 2, temporalLayer: 3))
        #expect(at(899, after: .milliseconds(50)) == .step(layer: 2, temporalLayer: 1))
        #expect(at(320, after: .milliseconds(50)) == .step(layer: 1, temporalLayer: 3))
        // Enough for the next step, not for the headroom.
        for _ in 0..<100 { #expect(at(560, after: .milliseconds(50)) == .step(layer: 1, temporalLayer: 3)) }
        #expect(at(2000, after: .milliseconds(50)) == .step(layer: 1, temporalLayer: 3))
        #expect(at(2000, after: LayerAllocator.hold) == .step(layer: 2, temporalLayer: 3))
        #expect(allocator.missing == nil)
    }

    @Test func `a raise that had to be taken back is tried again later each time`() {
        var allocator = LayerAllocator()
        let track = TrackID("a")
        let demands = [demand("a", [100, 300, 900])]
        var now = start
        _ = allocator.allocate(demands, bandwidth: 400, reserved: 0, now: now)
        var raises: [Instant] = []
        var isTop = false
        for _ in 0..<4000 {
            now = now + .milliseconds(50)
            // The line seems to carry the top until it is used.
            let grant = allocator.allocate(demands, bandwidth: isTop ? 400 : 1200, reserved: 0, now: now)[track]
            if grant == .step(layer: 2, temporalLayer: 3), !isTop { raises.append(now) }
            isTop = grant == .step(layer: 2, temporalLayer: 3)
        }
        let gaps = zip(raises, raises.dropFirst()).map { $1 - $0 }
        #expect(gaps.count >= 4)
        #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $1 >= $0 })
        #expect(gaps.last.map { $0 >= .seconds(25) } == true)
        // Much more room than when it failed: nothing to be afraid of.
        _ = allocator.allocate(demands, bandwidth: 400, reserved: 0, now: now)
        _ = allocator.allocate(demands, bandwidth: 5000, reserved: 0, now: now)
        let grant = allocator.allocate(demands, bandwidth: 5000, reserved: 0, now: now + LayerAllocator.hold)[track]
        #expect(grant == .step(layer: 2, temporalLayer: 3))
    }

    @Test func `what the viewer asks more of does not wait`() {
        var allocator = LayerAllocator()
        let track = TrackID("a")
        _ = allocator.allocate([demand("a", [100, 300, 900], wanted: 0)], bandwidth: 3000, reserved: 0, now: start)
        let grants = allocator.allocate([demand("a", [100, 300, 900])], bandwidth: 3000, reserved: 0, now: start)
        #expect(grants[track] == .step(layer: 2, temporalLayer: 3))
    }
}
