import Crypto
import Foundation
import LiveKitProtocol
import SwiftProtobuf
import Testing

@testable import Signal

@Suite struct WebhooksTests {
    let fake = FakeTime()
    let log = MemoryLog()

    @Test func `an event gets through to a receiver that fails twice, once and signed`() async throws {
        try await WebhookReceiver.run(statuses: [500, 503, 200]) { receiver in
            try await withWebhooks(to: [receiver.url], time: fake.time, log: log) { webhooks, events in
                events.yield(roomEvent("r"))
                try await eventually { await webhooks.counts[0].delivered == 1 }
                #expect(await webhooks.counts[0].failed == 0)
            }
            let posts = await receiver.log.posts
            #expect(posts.count == 3)
            #expect(Set(posts.map(\.body)).count == 1)
            let post = try #require(posts.last)
            #expect(post.contentType == "application/webhook+json")
            let event = try LiveKit_WebhookEvent(jsonUTF8Bytes: post.body)
            #expect(event.event == "room_started" && event.room.name == "r")
            #expect(event.id.hasPrefix("EV_") && event.createdAt > 0)
            let grant = try await AccessTokens(keys: ["devkey": "secret"]).verify(post.authorization)
            #expect(grant.sha256 == Data(SHA256.hash(data: post.body)).base64EncodedString())
            #expect(log.recorded.map(\.lastOutcome) == [nil, "status 500", "status 503", "status 200"])
            #expect(log.recorded.map(\.attempts) == [0, 1, 2, 3])
            #expect(log.recorded.map(\.state) == [.waiting, .waiting, .waiting, .delivered])
        }
    }

    @Test func `events arrive in order, and a refusal is not repeated`() async throws {
        try await WebhookReceiver.run(statuses: [200, 400, 200]) { receiver in
            try await withWebhooks(to: [receiver.url], time: fake.time, log: log) { _, events in
                for name in ["a", "b", "c"] { events.yield(roomEvent(name)) }
                try await eventually { log.latest.count == 3 && !log.latest.contains { $0.state == .waiting } }
            }
            #expect(try await receiver.log.rooms == ["a", "b", "c"])
            #expect(log.latest.map(\.state) == [.delivered, .refused, .delivered])
        }
    }

    @Test func `a receiver that fails for an hour is given up, after growing pauses of at most five minutes`()
        async throws
    {
        try await WebhookReceiver.run(statuses: Array(repeating: 500, count: 1000)) { receiver in
            let start = fake.now
            try await withWebhooks(to: [receiver.url], time: fake.time, log: log) { webhooks, events in
                events.yield(roomEvent("r"))
                try await eventually { await webhooks.counts[0].failed == 1 }
            }
            let last = try #require(log.latest.first)
            #expect(last.state == .givenUp && last.lastOutcome == "status 500")
            #expect(last.attempts == (await receiver.log.posts.count))
            #expect((3_599_000...3_600_000).contains(fake.now - start))
            let pauses = fake.pauses
            #expect((0.5...1.0).contains(pauses[0] / .seconds(1)))
            #expect(pauses.allSatisfy { $0 <= .seconds(300) })
            #expect(try #require(pauses.dropLast().max()) >= .seconds(150))
            #expect((12...40).contains(last.attempts))
        }
    }

    @Test func `one receiver that fails does not hold up another`() async throws {
        try await WebhookReceiver.run(statuses: [500]) { failing in
            try await WebhookReceiver.run(statuses: []) { other in
                try await withWebhooks(
                    to: [failing.url, other.url], time: fake.endless, log: log
                ) { webhooks, events in
                    for number in 0..<20 { events.yield(roomEvent("\(number)")) }
                    try await eventually { await webhooks.counts[1].delivered == 20 }
                    #expect(try await other.log.rooms == (0..<20).map(String.init))
                    #expect(await failing.log.posts.count == 1)
                }
                // Everything ended while the first was in a pause: its events are there to be gone on with.
                let waiting = log.latest.filter { $0.receiver == failing.url }
                #expect(waiting.count == 20 && waiting.allSatisfy { $0.state == .waiting })
            }
        }
    }

    @Test func `what a full queue cannot hold is given up, oldest first`() async throws {
        try await WebhookReceiver.run(statuses: [500]) { receiver in
            try await withWebhooks(to: [receiver.url], capacity: 2, time: fake.endless, log: log) { webhooks, events in
                events.yield(roomEvent("head"))
                try await eventually { fake.pauses.count == 1 }
                for number in 0..<10 { events.yield(roomEvent("\(number)")) }
                try await eventually { await webhooks.counts[0].dropped == 8 }
                let dropped = log.latest.filter { $0.state == .givenUp }
                #expect(dropped.allSatisfy { $0.lastOutcome == "queue full" })
                await webhooks.redeliver(log.latest[0], isWaiting: true)
                try await eventually { await webhooks.counts[0].delivered == 3 }
            }
            #expect(try await receiver.log.rooms == ["head", "head", "8", "9"])
        }
    }

    @Test func `what was waiting goes on before what is new, unless it is too old or its receiver is gone`()
        async throws
    {
        try await WebhookReceiver.run(statuses: []) { receiver in
            func waiting(_ name: String, _ url: String, ago: Duration) throws -> WebhookDelivery {
                let message = try #require(try WebhookMessage(roomEvent(name), id: "EV_\(name)", time: 1))
                return WebhookDelivery(
                    eventID: message.id, event: message.name, receiver: url, body: message.body,
                    createdAt: fake.now - ago.milliseconds)
            }
            let log = MemoryLog(pending: [
                try waiting("old", receiver.url, ago: .seconds(3601)),
                try waiting("young", receiver.url, ago: .seconds(3599)),
                try waiting("elsewhere", "http://127.0.0.1:9/secret", ago: .seconds(1)),
            ])
            try await withWebhooks(to: [receiver.url], time: fake.time, log: log) { webhooks, events in
                events.yield(roomEvent("new"))
                try await eventually { await webhooks.counts[0].delivered == 2 }
            }
            #expect(try await receiver.log.rooms == ["young", "new"])
            #expect(log.latest.first { $0.eventID == "EV_elsewhere" }?.state == .givenUp)
        }
    }

    @Test func `a receiver that was given up gets an event again when it is asked for`() async throws {
        try await WebhookReceiver.run(statuses: [400]) { receiver in
            try await withWebhooks(to: [receiver.url], time: fake.time, log: log) { webhooks, events in
                events.yield(roomEvent("r"))
                try await eventually { log.latest.first?.state == .refused }
                #expect(await webhooks.serves(receiver.url))
                #expect(await !webhooks.serves("http://127.0.0.1:9/"))
                await webhooks.redeliver(log.latest[0], isWaiting: false)
                try await eventually { log.latest.first?.state == .delivered }
                #expect(log.latest[0].attempts == 2)
            }
        }
    }
}
