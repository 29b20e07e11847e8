import Allocations
import Forwarding
import Media
import Testing

@testable import Relay

/// What is done over and over asks the heap for no more than is stated here, in code that is not optimised. Counts are the
/// same on every machine, which times are not; `make benchmark` has both, of optimised code.
@Suite(.enabled(if: allocations_are_counted(), "a sanitizer owns the heap"))
struct AllocationBudgetTests {
    /// How often the heap is asked, each time, once everything is warm.
    private static func allocations(_ piece: Piece, repetitions: Int = 50) throws -> Double {
        for _ in 0..<5 { try piece.run() }
        let before = allocations_of_thread()
        for _ in 0..<repetitions { try piece.run() }
        return Double(allocations_of_thread() - before) / Double(repetitions)
    }

    @Test func `reading a packet takes nothing from the heap`() throws {
        let count = try Self.allocations(.parse)
        #expect(count == 0)
    }

    @Test func `counting takes nothing from the heap, also after someone asked for the counts`() {
        var counters = WorkerCounters()
        func count() {
            counters.count(.replay)
            counters.forwarding.record(nanoseconds: 20_000)
        }
        count()
        let asked = counters
        let before = allocations_of_thread()
        count()
        #expect(allocations_of_thread() == before)
        #expect(asked[.replay] == 1 && counters[.replay] == 2)
    }

    @Test func `sealing takes nothing from the heap`() throws {
        let count = try Self.allocations(.seal(.fastest))
        #expect(count == 0)
    }

    /// Where code is optimised, nothing.
    @Test func `writing a viewer's copy of a packet keeps to its budget`() throws {
        let count = try Self.allocations(.rewrite)
        #expect(count <= 2)
    }

    @Test func `a connectivity check keeps to its budget`() throws {
        let count = try Self.allocations(.check)
        #expect(count <= 300)
    }

    @Test func `an answer to a publisher keeps to its budget`() throws {
        let count = try Self.allocations(.answer(OfferFixture.text("chromium156_simulcast_vp8")), repetitions: 5)
        #expect(count <= 1900)
    }

    @Test func `a viewer's join keeps to its budget`() throws {
        let count = try Self.allocations(.join, repetitions: 5)
        #expect(count <= 5500)
    }
}
