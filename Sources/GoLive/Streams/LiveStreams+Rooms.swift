import Relay
import Signal

/// The rooms of streams: what their metadata says, and who may publish in them.
extension LiveStreams {
    /// Opens the room of a stream, or finds it open, with metadata that is true. Before a token for it goes out.
    ///
    /// - Throws: `unavailable` when the relay takes no more rooms.
    func openRoom(of hostID: String) async throws {
        try await turns.take(.room(hostID)) {
            guard let (_, metadata) = try await self.metadata(of: hostID) else { return }
            do {
                _ = try await self.relay.createRoom(RoomRequest(name: hostID, metadata: metadata))
            } catch {
                throw APIError.unavailable
            }
        }
    }

    /// Makes the metadata of a room true, if it is open and a stream's.
    func refreshRoom(of hostID: String) async throws {
        try await turns.take(.room(hostID)) { _ = try await self.setMetadata(of: hostID) }
    }

    /// The stream's record changed (title, description, thumbnail or chat rules): the room's metadata, the live updates
    /// and the chat follow.
    ///
    /// - Parameters:
    ///   - info: whether title, description or thumbnail may have changed.
    ///   - chatSettings: whether the chat's rules may have changed.
    func recordChanged(of hostID: String, info: Bool = true, chatSettings: Bool = true) async throws {
        try await turns.take(.room(hostID)) {
            guard let hosted = try await self.setMetadata(of: hostID) else { return }
            let stream = hosted.stream
            if info {
                await self.publish(
                    .info(title: stream.title, description: stream.description, thumbnail: hosted.thumbnail),
                    hostID: hostID)
            }
            if chatSettings {
                await self.publish(.chatSettings(stream.chat), hostID: hostID)
                await self.chat.rulesChanged(stream.chat, hostID: hostID)
            }
        }
    }

    private func setMetadata(of hostID: String) async throws -> HostedStream? {
        guard let (hosted, metadata) = try await metadata(of: hostID) else { return nil }
        if let room = await relay.rooms(named: [hostID]).first, room.metadata != metadata {
            do {
                _ = try await relay.updateRoomMetadata(hostID, metadata)
            } catch RelayError.roomNotFound {
                // It closed meanwhile.
            }
        }
        return hosted
    }

    /// - Returns: nil when there is no such stream.
    private func metadata(of hostID: String) async throws -> (HostedStream, String)? {
        guard let hosted = try await store.hostedStream(of: hostID) else { return nil }
        change(hostID) { $0.learnStream() }
        let status = status(of: hostID)
        return (hosted, try RoomMetadata(hosted, status, chatDelay: settings.chatDelay).text())
    }

    /// Puts out whoever publishes in the room of a stream that is not live, and bars their tokens: a page that comes
    /// back after its stream has ended is to go live again.
    func dismissPublisher(of hostID: String) async {
        await turns.take(.call(hostID)) {
            guard await self.status(of: hostID).phase == .offline else { return }
            await self.revocations.revoke(hostID, in: hostID)
            try? await self.relay.remove(hostID, from: hostID, reason: .participantRemoved)
        }
    }
}
