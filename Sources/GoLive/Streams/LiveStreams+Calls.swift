import Foundation
import HTTPTypes
import Relay
import Signal

extension APIError {
    static let alreadyLive = APIError(
        .conflict, "already_live",
        "You are live from another page. Send takeOver to go on from here and end it there.")
}

/// What creators ask for: to go live and to end.
extension LiveStreams {
    struct GoneLive: Sendable {
        var stream: HostedStream
        var status: StreamStatus
        /// The time that the publish token is to bear, Unix seconds: all earlier ones are barred.
        var tokenTime: Int64
    }

    /// - Parameter takeOver: whether a page that publishes now is to be put out.
    /// - Throws: `stream_not_found`, `already_live`, or `unavailable` when the store cannot keep it; nothing has begun
    ///   then.
    func goLive(_ hostID: String, takeOver: Bool) async throws -> GoneLive {
        try await turns.take(.call(hostID)) {
            guard let stream = try await self.store.hostedStream(of: hostID) else { throw APIError.streamNotFound }
            let isConnected = (try? await self.relay.participant(hostID, in: hostID)) != nil
            guard takeOver || !isConnected else { throw APIError.alreadyLive }
            guard let time = await self.revocations.supersede(hostID, in: hostID) else {
                throw APIError.tooMany(retryAfter: 2)
            }
            // Also one who came in since it was looked.
            try? await self.relay.remove(hostID, from: hostID, reason: .duplicateIdentity)
            try await self.begin(stream)
            return GoneLive(stream: stream, status: await self.status(of: hostID), tokenTime: time)
        }
    }

    private func begin(_ stream: HostedStream) async throws {
        let hostID = stream.host.id
        let wasLive = status(of: hostID).isLive
        change(hostID) { place in
            place.goLive(title: stream.stream.title, id: UUID().uuidString.lowercased(), at: .now())
        }
        do {
            try await save(hostID)
            try await openRoom(of: hostID)
        } catch {
            if !wasLive { change(hostID) { $0.endStream(at: .now()) } }
            throw error
        }
    }

    /// Ends a stream at once. Ending one that is offline is fine.
    ///
    /// - Throws: `stream_not_found`.
    func endStream(_ hostID: String) async throws {
        try await turns.take(.call(hostID)) {
            guard try await self.store.stream(of: hostID) != nil else { throw APIError.streamNotFound }
            // Before the media goes, so that nobody hears of a reconnection in between.
            await self.change(hostID) { $0.endStream(at: .now()) }
            await self.revocations.revoke(hostID, in: hostID)
            try? await self.relay.remove(hostID, from: hostID, reason: .participantRemoved)
            try await self.refreshRoom(of: hostID)
            try await self.save(hostID)
        }
    }
}
