import Relay
import Testing

@testable import GoLive

@Suite struct LiveUpdatesTests {
    let live = LiveUpdate.status(StreamStatus(phase: .live, viewerCount: 1, startedAt: 5))

    func info(_ title: String) -> LiveUpdate { .info(title: title, description: "", thumbnail: nil) }

    /// The events that wait for a listener.
    func events(_ updates: LiveUpdates, _ feed: UpdateFeed) async -> [ServerSentEvent] {
        var parser = EventStreamParser()
        return parser.receive(await updates.take(feed.id))
    }

    @Test func `everyone gets every update in order, each with a higher number`() async throws {
        let updates = LiveUpdates(chatDelay: .seconds(3))
        let feeds = [
            try await updates.join("h", userID: nil, after: nil), try await updates.join("h", userID: "u", after: nil),
        ]
        let other = try await updates.join("other", userID: nil, after: nil)
        for number in 0..<50 { await updates.publish(info("\(number)"), hostID: "h") }
        for feed in feeds {
            let events = await events(updates, feed)
            #expect(events.map { $0.json["title"].string } == (0..<50).map { "\($0)" })
            let ids = events.compactMap { $0.id.flatMap(EventID.init(parsing:)) }
            #expect(ids.map(\.number) == Array(1...50) && Set(ids.map(\.epoch)).count == 1)
        }
        #expect(await events(updates, other) == [])
    }

    @Test func `who comes back gets what was missed, or is told to begin anew`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let first = try await updates.join("h", userID: nil, after: nil)
        await updates.publish(info("a"), hostID: "h")
        let seen = try #require(await events(updates, first).last?.id.flatMap(EventID.init(parsing:)))
        await updates.publish(info("b"), hostID: "h")
        await updates.publish(live, hostID: "h")
        let back = try await updates.join("h", userID: nil, after: seen)
        #expect(back.isResumed)
        #expect(await events(updates, back).map(\.name) == ["info", "status"])
        for number in 0..<UpdateLog.capacity { await updates.publish(info("\(number)"), hostID: "h") }
        #expect(try await !updates.join("h", userID: nil, after: seen).isResumed)
        let foreign = EventID(epoch: seen.epoch &+ 1, number: seen.number)
        #expect(try await !updates.join("h", userID: nil, after: foreign).isResumed)
        #expect(try await !updates.join("other", userID: nil, after: seen).isResumed)
    }

    @Test func `a snapshot goes before what was published meanwhile, and only its end counts as seen`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let feed = try await updates.join("h", userID: nil, after: nil)
        await updates.publish(info("new"), hostID: "h")
        await updates.begin(feed, with: [(UpdateSource(id: "h", username: "h"), [live, info("old")])])
        let events = await events(updates, feed)
        #expect(events.map(\.name) == ["status", "info", "info"])
        #expect(events.map { $0.id != nil } == [false, true, true])
        let id = try #require(events[1].id.flatMap(EventID.init(parsing:)))
        let back = try await updates.join("h", userID: nil, after: id)
        #expect(await self.events(updates, back) == [events[2]])
    }

    @Test func `one who does not read is ended, and of waiting counts only the newest is kept`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let idle = try await updates.join("h", userID: nil, after: nil)
        let reader = try await updates.join("h", userID: nil, after: nil)
        for number in 0..<UpdateListener.capacity {
            await updates.publish(info("\(number)"), hostID: "h")
            _ = await updates.take(reader.id)
        }
        #expect(await updates.listenerCount == 2)
        await updates.publish(info("one too many"), hostID: "h")
        #expect(await updates.listenerCount == 1)
        for await _ in idle.end {}
        #expect(await updates.take(idle.id).isEmpty)
        #expect(await events(updates, reader).count == 1)

        var listener = UpdateListener(
            .host(UpdateSource(id: "h", username: "h")), userID: nil, epoch: 1,
            news: AsyncStream<Void>.makeStream().1, end: AsyncStream<Void>.makeStream().1)
        for count in 0..<1000 {
            let text = LiveUpdate.viewerCount(count).event(of: "h", chatDelay: .zero).text
            let isAdded = listener.add(
                UpdateLog.Entry(number: UInt64(count), hostID: "h", isViewerCount: true, text: text))
            #expect(isAdded)
        }
        var parser = EventStreamParser()
        #expect(parser.receive(listener.take()).map { $0.json["viewerCount"].integer } == [999])
    }

    @Test func `a quiet listener gets a comment, one who leaves it untouched is ended`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let feed = try await updates.join("h", userID: nil, after: nil)
        _ = await updates.take(feed.id)
        await updates.keepAlive(feed.id)
        #expect(await updates.take(feed.id) == ServerSentEvent.comment)
        await updates.keepAlive(feed.id)
        await updates.keepAlive(feed.id)
        #expect(await updates.listenerCount == 0)
    }

    @Test func `a count that comes too soon is sent when its second is over`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let (events, source) = AsyncStream.makeStream(of: RelayEvent.self)
        let running = Task { await updates.run(events) }
        let feed = try await updates.join("h", userID: nil, after: nil)
        for count in 1...100 { await updates.publish(.viewerCount(count), hostID: "h") }
        await updates.publish(.status(StreamStatus(phase: .live, viewerCount: 7, startedAt: 0)), hostID: "h")
        var counts: [Int64?] = []
        for await _ in feed.news {
            counts += await self.events(updates, feed).filter { $0.name == "viewer-count" }
                .map { $0.json["viewerCount"].integer }
            if counts.count == 2 { break }
        }
        #expect(counts == [1, 7])
        source.finish()
        await running.value
    }

    @Test func `no more listen than may, and room that is left can be taken again`() async throws {
        let updates = LiveUpdates(chatDelay: .zero, limits: .init(listeners: 3, listenersPerHost: 2))
        var feeds: [UpdateFeed?] = []
        for _ in 0..<2 { feeds.append(try await updates.join("a", userID: nil, after: nil)) }
        await #expect(throws: APIError.tooManyListeners) { try await updates.join("a", userID: nil, after: nil) }
        feeds.append(try await updates.join("b", userID: nil, after: nil))
        await #expect(throws: APIError.tooManyListeners) { try await updates.join("c", userID: nil, after: nil) }
        feeds.removeFirst()
        try await eventually("the one whose feed was dropped is gone") { await updates.listenerCount == 2 }
        _ = try await updates.join("a", userID: nil, after: nil)
        #expect(feeds.count == 2)
    }

    @Test func `hosts are forgotten when nobody listens and nothing is live`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        await updates.publish(live, hostID: "nobody listens")
        #expect(await updates.hostCount == 0)
        let feed = try await updates.join("h", userID: nil, after: nil)
        await updates.publish(live, hostID: "h")
        await updates.leave(feed.id)
        #expect(await updates.hostCount == 1)
        await updates.publish(.status(.offline), hostID: "h")
        #expect(await updates.hostCount == 0)
        let other = try await updates.join("i", userID: nil, after: nil)
        await updates.leave(other.id)
        #expect(await updates.hostCount == 0)
    }

    @Test func `dismissing ends one person's streams of one host, and no others`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let gone = [
            try await updates.join("h", userID: "u", after: nil), try await updates.join("h", userID: "u", after: nil),
        ]
        let staying = [
            try await updates.join("h", userID: "v", after: nil), try await updates.join("h", userID: nil, after: nil),
            try await updates.join("i", userID: "u", after: nil),
        ]
        await updates.dismiss("u", hostID: "h")
        #expect(await updates.listenerCount == 3)
        for feed in gone { for await _ in feed.end {} }
        for host in ["h", "i"] { await updates.publish(info("x"), hostID: host) }
        for feed in staying { #expect(await events(updates, feed).count == 1) }
    }

    @Test func `when the relay is gone all end and nobody may begin`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let feed = try await updates.join("h", userID: nil, after: nil)
        let (events, source) = AsyncStream.makeStream(of: RelayEvent.self)
        source.finish()
        await updates.run(events)
        for await _ in feed.end {}
        await #expect(throws: APIError.unavailable) { try await updates.join("h", userID: nil, after: nil) }
    }
}

extension LiveUpdates {
    /// Listening to one host, who is called as their id is.
    func join(_ hostID: String, userID: String?, after id: EventID?) throws(APIError) -> UpdateFeed {
        try join(.host(UpdateSource(id: hostID, username: hostID)), userID: userID, after: id)
    }
}
