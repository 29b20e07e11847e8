import Logging
import Signal
import Testing

@testable import GoLive

@Suite struct WebhookLogTests {
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func delivery(
        _ id: String, to receiver: String = "http://a", state: WebhookDelivery.State = .waiting, at time: Int64 = 1000
    ) -> WebhookDelivery {
        var delivery = WebhookDelivery(
            eventID: id, event: "room_started", receiver: receiver, body: Array("{\"ü\":1}".utf8), createdAt: time)
        delivery.state = state
        return delivery
    }

    @Test(arguments: TestDatabase.allCases)
    func `a delivery comes back as it was last recorded, under one number`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            var delivery = Self.delivery("EV_1")
            let first = delivery
            #expect(try await store.write { try $0.record(first) })
            delivery.state = .givenUp
            delivery.attempts = 20
            delivery.lastOutcome = "status 500"
            delivery.queuedAt = 2000
            delivery.updatedAt = 3000
            let last = delivery
            #expect(try await store.write { try !$0.record(last) })
            let found = try await store.read { try $0.deliveries(in: nil, before: nil, limit: 10) }
            #expect(found.map(\.delivery) == [last])
            let number = found[0].number
            #expect(try await store.read { try $0.delivery(number: number) } == found[0])
            #expect(try await store.read { try $0.delivery(number: number + 1) } == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the newest come first, by state and a page at a time`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            try await store.write { connection in
                for number in 1...6 {
                    try connection.record(Self.delivery("EV_\(number)", state: number % 2 == 0 ? .delivered : .refused))
                }
            }
            let page = try await store.read { try $0.deliveries(in: .refused, before: nil, limit: 2) }
            #expect(page.map(\.delivery.eventID) == ["EV_5", "EV_3"])
            let rest = try await store.read { try $0.deliveries(in: .refused, before: page[1].number, limit: 2) }
            #expect(rest.map(\.delivery.eventID) == ["EV_1"])
            #expect(try await store.read { try $0.deliveries(in: nil, before: nil, limit: 10) }.count == 6)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `only the newest are kept`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            try await store.write { connection in
                for number in 1...7 { try connection.record(Self.delivery("EV_\(number)")) }
                try connection.trimDeliveries(to: 3)
                // With fewer than that, nothing goes.
                try connection.trimDeliveries(to: 3)
            }
            let kept = try await store.read { try $0.deliveries(in: nil, before: nil, limit: 10) }
            #expect(kept.map(\.delivery.eventID) == ["EV_7", "EV_6", "EV_5"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what waits is found oldest first, and what has waited too long is given up`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            try await store.write { connection in
                try connection.record(Self.delivery("EV_old", at: 999))
                try connection.record(Self.delivery("EV_1", at: 1000))
                try connection.record(Self.delivery("EV_done", state: .delivered, at: 1000))
                try connection.record(Self.delivery("EV_2", at: 1001))
            }
            let waiting = try await store.write { try $0.waitingDeliveries(since: 1000, at: 5000) }
            #expect(waiting.map(\.eventID) == ["EV_1", "EV_2"])
            let given = try await store.read { try $0.deliveries(in: .givenUp, before: nil, limit: 10) }
            #expect(given.map(\.delivery.eventID) == ["EV_old"])
            #expect(given[0].delivery.updatedAt == 5000)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `one that has ended is queued again once`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            try await store.write { try $0.record(Self.delivery("EV_1", state: .refused)) }
            let number = try #require(
                try await store.read { try $0.deliveries(in: nil, before: nil, limit: 1) }.first?.number)
            #expect(try await store.write { try $0.requeueDelivery(number: number, at: 7000) })
            #expect(try await store.write { try !$0.requeueDelivery(number: number, at: 8000) })
            let found = try await store.read { try $0.delivery(number: number) }
            #expect(found?.delivery.state == .waiting && found?.delivery.queuedAt == 7000)
        }
    }

    @Test func `what was recorded is written in order, the latest of each, although the log is being stopped`()
        async throws
    {
        try await withStore(.sqlite) { store in
            let log = DeliveryLog(store: store, logger: quiet, capacity: 3)
            for number in 1...3 { log.log.record(Self.delivery("EV_\(number)")) }
            log.log.record(Self.delivery("EV_1", state: .delivered))
            log.log.record(Self.delivery("EV_4"))
            let running = Task { await log.run() }
            running.cancel()
            await running.value
            let found = try await store.read { try $0.deliveries(in: nil, before: nil, limit: 10) }
            // The oldest did not fit into the log any more.
            #expect(found.map(\.delivery.eventID) == ["EV_4", "EV_3", "EV_2"])
            log.log.record(Self.delivery("EV_2", state: .delivered))
            let again = Task { await log.run() }
            again.cancel()
            await again.value
            let states = try await store.read { try $0.deliveries(in: .delivered, before: nil, limit: 10) }
            #expect(states.map(\.delivery.eventID) == ["EV_2"])
        }
    }
}
