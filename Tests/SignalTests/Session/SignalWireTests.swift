import LiveKitProtocol
import NIOCore
import NIOWebSocket
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

/// What a client saw of its connection, in order.
private actor Seen {
    enum Item: Equatable {
        case message(LiveKit_SignalResponse.OneOf_Message?)
        case close(WebSocketErrorCode)
        case relayTold(LeaveReason)
        case relayToldToWait(LeaveReason)
    }

    private(set) var items: [Item] = []

    func add(_ item: Item) { items.append(item) }
}

@Suite struct SignalWireTests {
    private typealias Client = (
        requests: AsyncStream<WebSocketMessage>.Continuation, events: AsyncStream<ParticipantEvent>.Continuation
    )

    /// Serves a conversation that `play` acts the client and the relay in.
    private func serve(
        settings: SignalSettings = SignalSettings(), isStuck: Bool = false,
        send: @escaping @Sendable () async throws -> Void = {}, play: (Client) throws -> Void
    ) async throws -> (ending: SignalEnding, seen: [Seen.Item]) {
        let conversation = Conversation(settings: settings)
        let seen = Seen()
        let (inbound, requests) = AsyncStream<WebSocketMessage>.makeStream()
        let (events, relay) = AsyncStream<ParticipantEvent>.makeStream()
        try play((requests, relay))
        let wire = SignalWire(
            send: { message in
                if isStuck { try await Task.sleep(for: .seconds(3600)) }
                try await send()
                await seen.add(.message(try Sample.response(message).message))
            },
            close: { code in await seen.add(.close(code)) })
        let ending = await wire.serve(
            conversation.session, conversation.outbox, inbound: inbound, events: events,
            readingPause: settings.limits.readingPause, farewell: settings.farewell
        ) { reason, mayResume in await seen.add(mayResume ? .relayToldToWait(reason) : .relayTold(reason)) }
        return (ending, await seen.items)
    }

    @Test func `who is removed hears why before the close`() async throws {
        let (ending, seen) = try await serve { client in client.events.yield(.left(.participantRemoved)) }
        #expect(ending == .dismissed(.participantRemoved))
        let leave = LiveKit_LeaveRequest(.participantRemoved, .disconnect)
        #expect(seen.suffix(2) == [.message(.leave(leave)), .close(.normalClosure)])
        #expect(!seen.contains(.relayTold(.signalClosed)))
    }

    @Test func `a server that stops asks its clients back`() async throws {
        let (_, seen) = try await serve { client in client.events.yield(.left(.serverShutdown)) }
        let leave = LiveKit_LeaveRequest(.serverShutdown, .reconnect)
        #expect(seen.suffix(2) == [.message(.leave(leave)), .close(.normalClosure)])
    }

    @Test func `the relay is told that a client left`() async throws {
        let (ending, seen) = try await serve { client in
            client.requests.yield(try Sample.binary(.leave(.with { $0.reason = .clientInitiated })))
        }
        #expect(ending == .clientLeft)
        #expect(seen.contains(.relayTold(.clientInitiated)))
        #expect(seen.last == .close(.normalClosure))
    }

    @Test func `the participant of a connection that broke may come back`() async throws {
        let (ending, seen) = try await serve { client in client.requests.finish() }
        #expect(ending == .closed)
        #expect(seen.contains(.relayToldToWait(.signalClosed)))
    }

    @Test func `a connection that another one took over is closed, and the relay hears nothing of it`() async throws {
        let (ending, seen) = try await serve { client in client.events.yield(.superseded) }
        #expect(ending == .superseded)
        #expect(seen.last == .close(.normalClosure))
        #expect(!seen.contains(.relayTold(.signalClosed)) && !seen.contains(.relayToldToWait(.signalClosed)))
    }

    @Test func `a connection that breaks while its client takes nothing counts as a slow reader's`() async throws {
        struct Broken: Error {}
        var settings = SignalSettings()
        settings.limits.readingPause = .milliseconds(1)
        let (ending, _) = try await serve(
            settings: settings,
            send: {
                try await Task.sleep(for: .milliseconds(10))
                throw Broken()
            }, play: { _ in })
        #expect(ending == .slowReader)
    }

    @Test func `hostile frames end only in a close for cause`() async throws {
        let (ending, seen) = try await serve { client in
            for _ in 0..<50 { client.requests.yield(.binary(ByteBuffer(repeating: 0xff, count: 40))) }
        }
        #expect(ending == .misbehaved)
        #expect(seen.last == .close(.policyViolation))
        #expect(seen.contains(.relayTold(.signalClosed)))
    }

    @Test func `a client that never reads is dropped without waiting for it`() async throws {
        var settings = SignalSettings()
        settings.limits.queuedMessages = 4
        // On a busy machine nothing may be heard for long either.
        settings.pingTimeout = .seconds(3600)
        settings.farewell = .zero
        let (ending, seen) = try await serve(settings: settings, isStuck: true) { client in
            for _ in 0..<20 { client.events.yield(.trackSubscribed(TrackID("TR_a"))) }
        }
        #expect(ending == .slowReader)
        #expect(seen == [.relayToldToWait(.signalClosed), .close(.policyViolation)])
    }

    @Test func `a client that is never heard is gone after the ping timeout`() async throws {
        var settings = SignalSettings()
        settings.pingTimeout = .zero
        let (ending, seen) = try await serve(settings: settings) { _ in }
        #expect(ending == .silent)
        #expect(seen.last == .close(.goingAway))
    }

    @Test func `cancelling ends every task and tells the relay`() async throws {
        let conversation = Conversation()
        let seen = Seen()
        let (inbound, _) = AsyncStream<WebSocketMessage>.makeStream()
        let (events, _) = AsyncStream<ParticipantEvent>.makeStream()
        let wire = SignalWire(send: { _ in }, close: { code in await seen.add(.close(code)) })
        let task = Task {
            await wire.serve(
                conversation.session, conversation.outbox, inbound: inbound, events: events,
                readingPause: .seconds(60), farewell: .seconds(60)
            ) { reason, _ in await seen.add(.relayTold(reason)) }
        }
        task.cancel()
        #expect(await task.value == .closed)
        #expect(await seen.items.contains(.relayTold(.signalClosed)))
    }

    @Test func `what cannot be resumed is answered so that the client joins anew`() async throws {
        let seen = Seen()
        let wire = SignalWire(
            send: { message in await seen.add(.message(try Sample.response(message).message)) },
            close: { code in await seen.add(.close(code)) })
        await wire.refuse(.stateMismatch, in: .protobuf)
        let leave = LiveKit_LeaveRequest(.stateMismatch, .reconnect)
        #expect(await seen.items == [.message(.leave(leave)), .close(.normalClosure)])
    }
}
