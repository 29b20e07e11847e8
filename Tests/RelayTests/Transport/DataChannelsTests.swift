import Media
import Testing

@testable import Relay

@Suite struct DataChannelsTests {
    @Test func `messages that wait for a channel to open are kept up to a number, lossy ones not at all`() {
        let now = Instant(nanoseconds: 1_000_000_000)
        var channels = DataChannels(opens: true, limits: DataLimits(), now: now)
        let kept = (0..<1000).map { _ in channels.send([1], kind: .reliable, now: now) }
        #expect(kept == (0..<1000).map { $0 < DataChannels.waitingCapacity })
        let isKept = channels.send([1], kind: .lossy, now: now)
        #expect(!isKept)
    }
}
