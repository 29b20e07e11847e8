import NIOHTTP1
import Relay
import Testing

@testable import GoLive

/// Listening to several hosts at once, as a page with a list of them does.
@Suite struct DirectoryUpdatesTests {
    static let sources = ["a", "b", "c"].map { UpdateSource(id: $0, username: $0.uppercased()) }

    static func status(_ phase: GoLive.Stream.Phase) -> LiveUpdate {
        .status(StreamStatus(phase: phase, viewerCount: 0, startedAt: 1))
    }

    static func info(_ title: String) -> LiveUpdate { .info(title: title, description: "", thumbnail: nil) }

    static func events(_ updates: LiveUpdates, _ feed: UpdateFeed) async -> [ServerSentEvent] {
        var parser = EventStreamParser()
        return parser.receive(await updates.take(feed.id))
    }

    @Test func `one stream of events brings those of all its hosts in order, each with the host's name`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let feed = try await updates.join(.directory(Self.sources), userID: nil, after: nil)
        #expect(await Self.events(updates, feed).map(\.name) == ["directory"])
        for (title, host) in [("1", "a"), ("2", "b"), ("3", "a"), ("4", "elsewhere"), ("5", "c")] {
            await updates.publish(Self.info(title), hostID: host)
        }
        let events = await Self.events(updates, feed)
        #expect(events.map { $0.json["title"] } == ["1", "2", "3", "5"])
        #expect(events.map { $0.json["username"] } == ["A", "B", "A", "C"])
        let numbers = events.compactMap { $0.id.flatMap(EventID.init(parsing:))?.number }
        #expect(numbers == [1, 2, 3, 5])
    }

    @Test func `who comes back gets what all hosts told meanwhile, unless one of them was forgotten`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let scope = UpdateScope.directory(Self.sources)
        let first = try await updates.join(scope, userID: nil, after: nil)
        await updates.publish(Self.info("seen"), hostID: "a")
        let seen = try #require(await Self.events(updates, first).first?.id.flatMap(EventID.init(parsing:)))
        for (title, host) in [("1", "c"), ("2", "a")] { await updates.publish(Self.info(title), hostID: host) }
        let back = try await updates.join(.directory(Self.sources.reversed()), userID: nil, after: seen)
        #expect(back.isResumed)
        let missed = await Self.events(updates, back)
        #expect(missed.map(\.name) == ["info", "info", "directory"])
        #expect(missed.prefix(2).map { $0.json["title"] } == ["1", "2"])
        // Other hosts, or the page of one of them, are something else.
        #expect(try await !updates.join(.directory([Self.sources[0]]), userID: nil, after: seen).isResumed)
        #expect(try await !updates.join(.host(Self.sources[0]), userID: nil, after: seen).isResumed)
        let last = try #require(missed[1].id.flatMap(EventID.init(parsing:)))
        for feed in [first, back] { await updates.leave(feed.id) }
        try await eventually("nobody listens") { await updates.hostCount == 0 }
        await updates.publish(Self.info("nobody listened"), hostID: "b")
        #expect(try await !updates.join(scope, userID: nil, after: last).isResumed)
    }

    @Test func `of more than a snapshot says, nothing is brought again`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let scope = UpdateScope.directory(Self.sources)
        let feed = try await updates.join(scope, userID: nil, after: nil)
        for number in 0...UpdateLog.capacity {
            await updates.publish(Self.info("\(number)"), hostID: Self.sources[number % 3].id)
            _ = await updates.take(feed.id)
        }
        let start = EventID(epoch: feed.joined.epoch, number: 0)
        #expect(try await !updates.join(scope, userID: nil, after: start).isResumed)
        let later = EventID(epoch: feed.joined.epoch, number: 1)
        #expect(try await updates.join(scope, userID: nil, after: later).isResumed)
    }

    @Test func `streams that begin and end are told to who shows lists, at most once a second, and the last always`()
        async throws
    {
        let updates = LiveUpdates(chatDelay: .zero)
        let (relay, source) = AsyncStream.makeStream(of: RelayEvent.self)
        let running = Task { await updates.run(relay) }
        let feed = try await updates.join(.directory([]), userID: nil, after: nil)
        let single = try await updates.join(.host(Self.sources[0]), userID: nil, after: nil)
        _ = await updates.take(feed.id)
        let start = ContinuousClock.now
        await updates.publish(Self.status(.starting), hostID: "x")
        #expect(await Self.events(updates, feed).isEmpty, "there is nothing to see yet")
        await updates.publish(Self.status(.live), hostID: "x")
        #expect(await Self.events(updates, feed) == [.directory])
        var told = 0
        var isLastTold = false
        for phase: GoLive.Stream.Phase in [.reconnecting, .live, .offline, .starting, .live] {
            await updates.publish(Self.status(phase), hostID: "x")
            isLastTold = await !Self.events(updates, feed).isEmpty
            told += isLastTold ? 1 : 0
        }
        if !isLastTold {
            for await _ in feed.news {
                guard await Self.events(updates, feed) == [.directory] else { continue }
                told += 1
                break
            }
        }
        #expect(ContinuousClock.now - start >= UpdateGate<Void>.interval * told)
        #expect(await Self.events(updates, single).isEmpty)
        source.finish()
        await running.value
    }

    @Test func `of a stream between two who are estranged neither hears`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        var feeds: [UpdateFeed] = []
        for userID in [nil, "friend", "foe"] {
            feeds.append(try await updates.join(.directory([]), userID: userID, after: nil))
        }
        for feed in feeds { _ = await updates.take(feed.id) }
        await updates.publish(Self.status(.live), hostID: "x", estranged: ["foe"])
        var heard: [Bool] = []
        for feed in feeds { heard.append(await !Self.events(updates, feed).isEmpty) }
        #expect(heard == [true, true, false])
    }

    @Test func `who is blocked hears that host no more and the others still`() async throws {
        let updates = LiveUpdates(chatDelay: .zero)
        let feed = try await updates.join(.directory(Self.sources), userID: "u", after: nil)
        let own = try await updates.join(.host(Self.sources[1]), userID: "u", after: nil)
        _ = await updates.take(feed.id)
        await updates.publish(Self.info("waits"), hostID: "a")
        await updates.dismiss("u", hostID: "a")
        await updates.hide("b", from: "u")
        for host in ["a", "b", "c"] { await updates.publish(Self.info(host), hostID: host) }
        #expect(await Self.events(updates, feed).map { $0.json["title"] } == ["c"])
        #expect(await Self.events(updates, own).map { $0.json["title"] } == ["b"])
        await updates.leave(feed.id)
        await updates.leave(own.id)
        #expect(await updates.hostCount == 0)
    }

    @Test func `lists leave room for those who look at one of their hosts, and have a limit of their own`() async throws
    {
        let limits = LiveUpdates.Limits(listeners: 9, listenersPerHost: 1, directoryHosts: 7)
        let updates = LiveUpdates(chatDelay: .zero, limits: limits)
        let scope = UpdateScope.directory(Self.sources)
        let feeds = [
            try await updates.join(scope, userID: nil, after: nil),
            try await updates.join(scope, userID: nil, after: nil),
            try await updates.join(.host(Self.sources[0]), userID: nil, after: nil),
        ]
        await #expect(throws: APIError.tooManyListeners) {
            try await updates.join(.host(Self.sources[0]), userID: nil, after: nil)
        }
        await #expect(throws: APIError.tooManyListeners) { try await updates.join(scope, userID: nil, after: nil) }
        await updates.leave(feeds[0].id)
        _ = try await updates.join(scope, userID: nil, after: nil)
        #expect(feeds.count == 3)
    }

    @Test(arguments: TestDatabase.allCases)
    func `unknown hosts and those in a block are left out, and the rest comes as for one`(
        kind: TestDatabase
    ) async throws {
        try await withServer(kind) { server in
            let updates = server.server.application.updates
            let ann = try await server.host("Ann", title: "Ann's")
            let bob = try await server.host("bob", title: "Bob's")
            let (foe, shunned) = (try await server.host("foe"), try await server.host("shunned"))
            _ = try await server.creator("unready")
            let viewer = try await server.person("viewer")
            #expect(try await server.ask(.PUT, "/api/users/viewer/block", token: foe.token).status == 200)
            #expect(try await server.ask(.PUT, "/api/users/shunned/block", token: viewer.token).status == 200)

            let names = ["ann", "ANN", "nobody", "unready", "foe", "shunned", "bob", ""]
            let listener = try await server.listen(toHosts: names, token: viewer.token)
            let snapshot = try await listener.next(8)
            #expect(
                snapshot.map { $0.json["username"] } == Array(repeating: "Ann", count: 4)
                    + Array(repeating: "bob", count: 4))
            #expect(snapshot.map(\.name).prefix(4) == ["status", "viewer-count", "info", "chat-settings"])
            #expect(try await listener.next() == ServerSentEvent(id: snapshot.last?.id, name: "directory", data: "{}"))

            for host in [foe, shunned, bob] {
                await updates.publish(.info(title: "new", description: "", thumbnail: nil), hostID: host.user.id)
            }
            let event = try #require(try await listener.next())
            #expect(event.json["username"] == "bob" && event.json["title"] == "new")
            #expect(try await server.ask(.PUT, "/api/users/viewer/block", token: ann.token).status == 200)
            for host in [ann, bob] {
                await updates.publish(.info(title: "later", description: "", thumbnail: nil), hostID: host.user.id)
            }
            #expect(try await listener.next()?.json["username"] == "bob")

            let missing = try await server.listen(
                toHosts: names, token: viewer.token, headers: [("last-event-id", event.id ?? "")])
            #expect(try await missing.next()?.name == "status", "without Ann it is another list")
            let many = (0...UpdateScope.most).map { "h\($0)" }.joined(separator: ",")
            #expect(try await server.ask(.GET, "/api/events?hosts=\(many)").code == "invalid_query")
            let head = try await server.ask(.HEAD, "/api/events")
            #expect(head.status == 200 && head.headers["content-type"] == ["text/event-stream"])
        }
    }

    @Test func `a stream that goes live is told to who shows lists and may see it`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            let (friend, foe) = (try await server.person("friend"), try await server.person("foe"))
            #expect(try await server.ask(.PUT, "/api/users/foe/block", token: ann.token).status == 200)
            let listener = try await server.listen(toHosts: [], token: friend.token)
            let shut = try await server.listen(toHosts: [], token: foe.token)
            #expect(try await listener.next()?.name == "directory")
            #expect(try await shut.next()?.name == "directory")
            _ = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
            let room = server.room(of: ann)
            room.startMedia(of: try await room.enter(ann.user.id))
            #expect(try await listener.next()?.name == "directory")
            let live = try await server.ask(.GET, "/api/viewer/live", token: friend.token)
            #expect(live.data["items"][0]["host"]["username"] == "ann")
            // The next that the other hears is of somebody else.
            let bob = try await server.host("bob")
            let other = server.room(of: bob)
            _ = try await server.ask(.POST, "/api/stream/go-live", token: bob.token)
            other.startMedia(of: try await other.enter(bob.user.id))
            #expect(try await shut.next()?.name == "directory")
            let seen = try await server.ask(.GET, "/api/viewer/live", token: foe.token)
            #expect(seen.data["items"].array.map { $0["host"]["username"] } == ["bob"])
        }
    }
}
