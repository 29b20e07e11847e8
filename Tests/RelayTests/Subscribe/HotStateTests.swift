import Media
import Testing

@testable import Relay

/// The fan-out has the processor fetch the start of a viewer's objects before their turn; what lies behind that would be waited for.
@Suite struct HotStateTests {
    /// How far behind the start of `object` the end of something lies that is stored in it.
    private func end<T>(of place: UnsafePointer<T>, in object: AnyObject) -> Int {
        UnsafeRawPointer(place + 1) - UnsafeRawPointer(Unmanaged.passUnretained(object).toOpaque())
    }

    @Test func `what every packet touches of a subscription is fetched ahead`() {
        var random = SeededGenerator(seed: 1)
        let subscription = Subscription(
            .init(ssrc: 1, payloadType: 96, codec: .video(.vp8), clockRate: 90_000), using: &random)
        let fetched = 0...Subscription.hotSize
        #expect(fetched ~= end(of: &subscription.isUnsettled, in: subscription))
        #expect(fetched ~= end(of: &subscription.pictures, in: subscription))
        #expect(fetched ~= end(of: &subscription.statistics, in: subscription))
        #expect(fetched ~= end(of: &subscription.selector, in: subscription))
        #expect(fetched ~= end(of: &subscription.timestamps, in: subscription))
    }
}
