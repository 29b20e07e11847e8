import Testing

@testable import Signal

@Suite struct RequestBudgetTests {
    @Test func `a burst is spent at once and comes back at the rate`() {
        let start = ContinuousClock.now
        var budget = RequestBudget(burst: 3, rate: 2, at: start)
        #expect((0..<4).map { _ in budget.spend(at: start) } == [true, true, true, false])
        let later = [400, 500, 500].map { budget.spend(at: start + .milliseconds($0)) }
        #expect(later == [false, true, false])
    }

    @Test func `waiting long saves up no more than a burst`() {
        let start = ContinuousClock.now
        var budget = RequestBudget(burst: 2, rate: 100, at: start)
        let later = start + .seconds(3600)
        #expect((0..<3).map { _ in budget.spend(at: later) } == [true, true, false])
    }
}
