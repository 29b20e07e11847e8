import Forwarding
import Media
import Testing

@testable import Relay

/// A publisher is looked after when something is due, not by the clock: each time wakes a thread up.
@Suite struct `A publisher's timers` {
    private func path() throws -> ForwardingPath {
        let path = try ForwardingPath(viewers: 1, packetLength: 300)
        path.forward(packets: 2, isKeyframe: true)
        path.lookAfterPublisher(at: path.now)
        return path
    }

    @Test func `are few while nothing is lost`() throws {
        let path = try path()
        var rounds = 0
        for _ in 0..<30 {
            path.forward(packets: 3)
            while let due = path.dueTime, due <= path.now {
                path.lookAfterPublisher(at: path.now)
                rounds += 1
            }
        }
        // Levels and rates three times, a report once.
        #expect(3...4 ~= rounds)
    }

    @Test func `a gap is looked after as soon as it cannot be reordering`() throws {
        let path = try path()
        path.losePacket()
        path.forward(packets: 1)
        let due = try #require(path.dueTime)
        #expect(due == path.now + LossDetector.reorderingDelay)
        path.forward(packets: 3, after: .milliseconds(1))
        #expect(path.dueTime == path.now)
        path.lookAfterPublisher(at: path.now)
        let again = try #require(path.dueTime)
        #expect(again > path.now && again <= path.now + .milliseconds(100))
    }
}
