import Testing

@testable import GoLive

@Suite struct LivePhaseTests {
    static let grace = Duration.seconds(30)
    let start = ContinuousClock.Instant.now

    @Test func `a stream starts, is live with media, survives a pause and ends when asked`() {
        var live = LivePhase(grace: Self.grace)
        #expect(live.receive(.goLive, at: start) == [.opened, .entered(.starting)])
        #expect(live.receive(.media(isPresent: true), at: start + .seconds(1)) == [.entered(.live)])
        #expect(live.deadline == nil)
        #expect(live.receive(.media(isPresent: false), at: start + .seconds(99)) == [.entered(.reconnecting)])
        #expect(live.receive(.media(isPresent: true), at: start + .seconds(128)) == [.entered(.live)])
        #expect(live.receive(.goLive, at: start + .seconds(129)).isEmpty)
        #expect(
            live.receive(.endStream, at: start + .seconds(130)) == [.closed(byItself: false), .entered(.offline)])
        #expect(live.receive(.endStream, at: start + .seconds(131)).isEmpty)
    }

    @Test func `media that comes at the deadline comes too late, however late the timer is`() {
        var live = LivePhase(grace: Self.grace)
        _ = live.receive(.goLive, at: start)
        #expect(
            live.receive(.media(isPresent: true), at: start + Self.grace)
                == [.closed(byItself: true), .entered(.offline)])
        #expect(live.phase == .offline)
        #expect(live.receive(.goLive, at: start + .seconds(31)) == [.opened, .entered(.live)])
    }

    @Test func `a recovered stream has the grace and goes on in its session`() {
        var live = LivePhase(recoveredAt: start, grace: Self.grace)
        #expect(live.phase == .reconnecting)
        #expect(live.deadline == start + Self.grace)
        var other = live
        #expect(live.receive(.media(isPresent: true), at: start + .seconds(29)) == [.entered(.live)])
        #expect(
            other.receive(.timePassed, at: start + Self.grace) == [.closed(byItself: true), .entered(.offline)])
    }

    /// Any events at any times: the laws of isLive hold after each.
    @Test func `whatever happens, go-live makes live, ending ends, and nothing lives on without media`() {
        for round in 0..<2000 {
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededGenerator(seed: seed)
            var live =
                round % 4 == 0
                ? LivePhase(recoveredAt: start, grace: Self.grace) : LivePhase(grace: Self.grace)
            var now = start
            /// When the grace began to run: no media, and nobody went live since.
            var since: ContinuousClock.Instant? = start
            var open = round % 4 == 0 ? 1 : 0
            for _ in 0..<30 {
                now += .milliseconds(Int.random(in: 0...20_000, using: &random))
                let event: LivePhase.Event =
                    [.goLive, .endStream, .media(isPresent: true), .media(isPresent: false), .timePassed, .timePassed]
                    .randomElement(using: &random)!
                let before = live.phase
                let effects = live.receive(event, at: now)
                switch event {
                case .goLive:
                    #expect(live.phase != .offline, "seed \(seed)")
                    if !live.hasMedia { since = now }
                case .endStream: #expect(live.phase == .offline, "seed \(seed)")
                case .media(true): since = nil
                case .media(false): since = since ?? now
                case .timePassed: break
                }
                open += effects.count { $0 == .opened }
                open -= effects.count { $0 == .closed(byItself: true) || $0 == .closed(byItself: false) }
                #expect(open == (live.phase == .offline ? 0 : 1), "one session while live; seed \(seed)")
                if live.phase != .offline, let since { #expect(now < since + Self.grace, "seed \(seed)") }
                #expect((live.phase == .live) == (live.phase != .offline && live.hasMedia), "seed \(seed)")
                #expect((live.deadline == nil) == (live.phase == .offline || live.phase == .live), "seed \(seed)")
                let last = effects.compactMap { if case .entered(let phase) = $0 { phase } else { nil } }.last
                #expect((last ?? before) == live.phase, "every change is told; seed \(seed)")
            }
        }
    }
}
