import Media
import Testing

@testable import LoadTest

@Suite struct ArrivalWindowTests {
    private func packet(beginsKeyframe: Bool = false, endsFrame: Bool = true) -> ArrivalWindow.Packet {
        ArrivalWindow.Packet(endsFrame: endsFrame, beginsKeyframe: beginsKeyframe, timestamp: 0, payload: [])
    }

    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func drain(_ window: inout ArrivalWindow, _ now: Instant) -> (numbers: [UInt16], gaps: Int) {
        var numbers: [UInt16] = []
        var gaps = 0
        while let next = window.pop(now: now) {
            switch next {
            case .packet(let number, _): numbers.append(number)
            case .gap: gaps += 1
            }
        }
        return (numbers, gaps)
    }

    @Test func `packets leave in order, over the end of the number space`() {
        var window = ArrivalWindow()
        var left: [UInt16] = []
        for number: UInt16 in [65_534, 0, 65_535, 2, 1, 3] {
            let isNew = window.insert(number, packet(), now: at(0))
            #expect(isNew)
            left += drain(&window, at(0)).numbers
        }
        #expect(left == [65_534, 65_535, 0, 1, 2, 3])
        #expect(window.expected == 6 && window.received == 6 && window.lost == 0)
    }

    @Test func `what is missing is asked for after 10 ms, again after 60, and recovered`() {
        var window = ArrivalWindow()
        for number: UInt16 in [10, 11, 14] { _ = window.insert(number, packet(), now: at(0)) }
        #expect(window.poll(at(5)).isEmpty)
        #expect(window.poll(at(10)) == [12, 13])
        #expect(window.poll(at(40)).isEmpty)
        #expect(window.poll(at(70)) == [12, 13])
        _ = drain(&window, at(70))
        _ = window.insert(12, packet(), now: at(80))
        _ = window.insert(13, packet(), now: at(81))
        #expect(drain(&window, at(81)).numbers == [12, 13, 14])
        #expect(window.recovered == 2 && window.lost == 0)
    }

    @Test func `what never comes is given up after a second and counted once`() {
        var window = ArrivalWindow()
        for number: UInt16 in [1, 2, 5] { _ = window.insert(number, packet(), now: at(0)) }
        #expect(drain(&window, at(999)).numbers == [1, 2])
        let (numbers, gaps) = drain(&window, at(1001))
        #expect(numbers == [5] && gaps == 1)
        #expect(window.lost == 2)
        let isTaken = window.insert(3, packet(), now: at(1002))
        #expect(!isTaken)
        #expect(window.expected == 5)
    }

    @Test func `when a whole keyframe is there, what is missing before it is waited for no longer`() {
        var window = ArrivalWindow()
        for number: UInt16 in [1, 2, 5] { _ = window.insert(number, packet(), now: at(0)) }
        _ = window.insert(7, packet(beginsKeyframe: true, endsFrame: false), now: at(10))
        #expect(drain(&window, at(10)).numbers == [1, 2])
        _ = window.insert(8, packet(), now: at(20))
        let (numbers, gaps) = drain(&window, at(20))
        #expect(numbers == [7, 8] && gaps == 1)
        // 5 came, and was of no use any more.
        #expect(window.lost == 3)
        #expect(window.poll(at(100)).isEmpty)
        let isTaken = window.insert(4, packet(), now: at(110))
        #expect(!isTaken)
    }

    @Test func `sound has no keyframes, and waits`() {
        var window = ArrivalWindow(hasKeyframes: false)
        _ = window.insert(1, packet(beginsKeyframe: true), now: at(0))
        _ = window.insert(3, packet(beginsKeyframe: true), now: at(0))
        #expect(drain(&window, at(500)).numbers == [1])
    }

    @Test func `a jump beyond the window is a loss, and the stream goes on`() {
        var window = ArrivalWindow()
        _ = window.insert(0, packet(), now: at(0))
        _ = drain(&window, at(0))
        _ = window.insert(20_000, packet(), now: at(1))
        let (numbers, gaps) = drain(&window, at(1))
        #expect(numbers == [20_000] && gaps == 1)
        #expect(window.lost == 19_999)
    }

    @Test(arguments: 0..<20) func `whatever order packets come in, each leaves once and in order`(seed: Int) {
        var generator = SystemRandomNumberGenerator()
        var window = ArrivalWindow()
        _ = window.insert(65_000, packet(), now: at(0))
        var left = drain(&window, at(0)).numbers
        // Shuffled within groups of at most fifty.
        var numbers = (1...2000).map { UInt16(truncatingIfNeeded: 65_000 + $0) }
        var start = 0
        while start < numbers.count {
            let end = min(numbers.count, start + Int.random(in: 1...50, using: &generator))
            numbers[start..<end].shuffle(using: &generator)
            start = end
        }
        for number in numbers {
            _ = window.insert(number, packet(), now: at(0))
            left += drain(&window, at(0)).numbers
        }
        #expect(left == (0...2000).map { UInt16(truncatingIfNeeded: 65_000 + $0) })
        #expect(window.lost == 0 && window.duplicates == 0)
    }
}
