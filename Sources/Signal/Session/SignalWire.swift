import LiveKitProtocol
import NIOWebSocket
import Relay
import SwiftProtobuf

/// The connection's side of a signalling conversation: the tasks that move messages and time between a session, its
/// client and the relay, and their end.
///
/// What the session is asked for runs in tasks of its own (`async let`, each in a scope that ends with it): a task keeps the
/// most memory that its calls ever needed, and the tasks here live as long as the client stays.
struct SignalWire: Sendable {
    let send: @Sendable (WebSocketMessage) async throws -> Void
    let close: @Sendable (WebSocketErrorCode) async throws -> Void

    private enum TaskEnd: Sendable {
        case ended(SignalEnding)
        /// The writer has written all, or cannot write any more.
        case written
        /// The client has taken nothing for too long.
        case stuck
        /// The last words took too long.
        case late
    }

    /// Instead of a conversation: why there is none.
    func refuse(_ reason: LeaveReason, in format: SignalFormat) async {
        let response = LiveKit_SignalResponse.with { $0.leave = LiveKit_LeaveRequest(reason) }
        if let message = try? format.encode(response) { try? await send(message) }
        try? await close(.normalClosure)
    }

    /// Returns when the conversation is over and every task of it has ended.
    ///
    /// - Parameters:
    ///   - readingPause: how long a client may take nothing before its connection breaks.
    ///   - farewell: how long the last words may take.
    ///   - leave: tells the relay, before those, and whether the client may resume.
    func serve<Inbound: AsyncSequence & Sendable>(
        _ session: SignalSession, _ outbox: OutgoingQueue, inbound: Inbound, events: AsyncStream<ParticipantEvent>,
        readingPause: Duration, farewell: Duration, leave: @Sendable (LeaveReason, _ mayResume: Bool) async -> Void
    ) async -> SignalEnding where Inbound.Element == WebSocketMessage {
        let ending = await withTaskGroup(of: TaskEnd.self) { group in
            group.addTask { await write(outbox, readingPause) }
            var ending = await greet(session)
            if ending == nil {
                group.addTask { .ended(await read(inbound, into: session)) }
                group.addTask { .ended(await pass(events, to: session)) }
                group.addTask { .ended(await watch(session)) }
            }
            var isWriting = true
            while ending == nil {
                switch await group.next() {
                case .ended(let end): ending = end
                case .stuck:
                    ending = .slowReader
                    isWriting = false
                case .written, .late, nil:
                    ending = .closed
                    isWriting = false
                }
            }
            let ended = ending ?? .closed
            if let reason = ended.leaveReason { await leave(reason, ended.mayResume) }
            if let words = ended.farewell { await session.part(words) }
            outbox.close()
            group.addTask {
                try? await Task.sleep(for: farewell)
                return .late
            }
            while isWriting, let end = await group.next() {
                if case .ended = end { continue }
                isWriting = false
            }
            group.cancelAll()
            return ended
        }
        try? await close(ending.closeCode)
        return ending
    }

    private func greet(_ session: SignalSession) async -> SignalEnding? {
        async let ending = session.greet(at: .now)
        return await ending
    }

    private func write(_ outbox: OutgoingQueue, _ readingPause: Duration) async -> TaskEnd {
        for await message in outbox.messages {
            let start = ContinuousClock.now
            guard (try? await send(message)) != nil else {
                return .now - start >= readingPause ? .stuck : .written
            }
            outbox.written(message)
        }
        return .written
    }

    private func read<Inbound: AsyncSequence & Sendable>(
        _ inbound: Inbound, into session: SignalSession
    ) async -> SignalEnding where Inbound.Element == WebSocketMessage {
        do {
            for try await message in inbound {
                async let ending = session.receive(message, at: .now)
                if let ending = await ending { return ending }
            }
        } catch {}
        return .closed
    }

    /// Events that end without a `left` were too many to keep for a client this slow: it is asked to join anew.
    private func pass(_ events: AsyncStream<ParticipantEvent>, to session: SignalSession) async -> SignalEnding {
        for await event in events {
            async let ending = session.tell(event, at: .now)
            if let ending = await ending { return ending }
        }
        return Task.isCancelled ? .closed : .dismissed(.serverShutdown)
    }

    private func watch(_ session: SignalSession) async -> SignalEnding {
        while !Task.isCancelled {
            guard (try? await Task.sleep(until: session.deadline, clock: .continuous)) != nil else { break }
            async let ending = session.check(at: .now)
            if let ending = await ending { return ending }
        }
        return .closed
    }
}
