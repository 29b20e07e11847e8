import Media
import Testing

@testable import Relay

@Suite struct LayerDemandTests {
    private static let start = Instant(nanoseconds: 0)

    @Test func `layers that nobody wants are taken back after a while, the lowest never`() {
        var demand = LayerDemand(layerCount: 3)
        #expect(demand.qualities == [.low: true, .medium: true, .high: true])
        #expect(demand.review(highest: 1, now: Self.start) == false)
        #expect(demand.review(highest: 1, now: Self.start + LayerDemand.patience - .milliseconds(1)) == false)
        #expect(demand.review(highest: 1, now: Self.start + LayerDemand.patience) == true)
        #expect(demand.qualities == [.low: true, .medium: true, .high: false])
        #expect(demand.review(highest: nil, now: Self.start + .seconds(10)) == false)
        #expect(demand.review(highest: nil, now: Self.start + .seconds(10) + LayerDemand.patience) == true)
        #expect(demand.qualities == [.low: true, .medium: false, .high: false])
        #expect(demand.review(highest: nil, now: Self.start + .seconds(100)) == false)
        #expect(demand.review(highest: nil, now: Self.start + .seconds(200)) == false)
    }

    @Test func `more is asked for at once, and only once`() {
        var demand = LayerDemand(layerCount: 3)
        _ = demand.review(highest: nil, now: Self.start)
        #expect(demand.review(highest: nil, now: Self.start + .seconds(9)) == true)
        #expect(demand.raise(to: 1) == true)
        #expect(demand.raise(to: 1) == false)
        #expect(demand.raise(to: 0) == false)
        #expect(demand.review(highest: 2, now: Self.start + .seconds(9)) == true)
        #expect(demand.top == 2)
        #expect(demand.raise(to: 7) == false)
    }

    @Test func `a need that comes back in time changes nothing`() {
        var demand = LayerDemand(layerCount: 2)
        for second in 0..<60 {
            #expect(demand.review(highest: second % 4 == 0 ? 1 : 0, now: Self.start + .seconds(second)) == false)
        }
        #expect(demand.top == 1)
    }

    @Test func `a wish in pixels is for the smallest layer that fills them, whichever way up`() {
        let sizes: [(width: Int, height: Int)?] = [(320, 180), (640, 360), (1280, 720)]
        for (wish, layer) in [((100, 100), 0), ((180, 320), 0), ((321, 10), 1), ((360, 640), 1), ((4000, 4000), 2)] {
            let wanted = LayerSelector.Wanted.size(width: wish.0, height: wish.1)
            #expect(wanted.highestLayer(among: sizes) == layer)
            #expect(wanted.highestLayer(among: [nil, nil]) == 1)
        }
        #expect(LayerSelector.Wanted.nothing.highestLayer(among: sizes) == nil)
        #expect(LayerSelector.Wanted.layer(9).highestLayer(among: sizes) == 2)
    }
}
