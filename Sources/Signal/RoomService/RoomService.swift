import LiveKitProtocol
import Relay
import SwiftProtobuf

/// LiveKit's RoomService: what an application's own server asks of rooms and participants. `roomCreate`, `roomList` and
/// `roomAdmin` (for the grant's room) say who may; a good token that lacks them is refused with `permission_denied`
/// (LiveKit: `unauthenticated`).
struct RoomService: Sendable {
    let relay: Relay
    let revocations: Revocations

    func call(_ method: String, _ body: TwirpBody, by grant: Grant) async throws(TwirpError) -> TwirpBody {
        switch method {
        case "CreateRoom": try await run(body, grant, createRoom)
        case "ListRooms": try await run(body, grant, listRooms)
        case "DeleteRoom": try await run(body, grant, deleteRoom)
        case "UpdateRoomMetadata": try await run(body, grant, updateRoomMetadata)
        case "ListParticipants": try await run(body, grant, listParticipants)
        case "GetParticipant": try await run(body, grant, getParticipant)
        case "RemoveParticipant": try await run(body, grant, removeParticipant)
        case "UpdateParticipant": try await run(body, grant, updateParticipant)
        case "MutePublishedTrack": try await run(body, grant, mutePublishedTrack)
        case "UpdateSubscriptions": try await run(body, grant, updateSubscriptions)
        case "SendData": try await run(body, grant, sendData)
        default: throw TwirpError(.badRoute, "there is no such method")
        }
    }

    private func run<Request: Message, Reply: Message>(
        _ body: TwirpBody, _ grant: Grant,
        _ operation: (Request, Grant) async throws -> Reply
    ) async throws(TwirpError) -> TwirpBody {
        let request: Request = try body.decode()
        let reply: Reply
        do {
            reply = try await operation(request, grant)
        } catch let error as RelayError {
            throw TwirpError(error)
        } catch let error as TwirpError {
            throw error
        } catch {
            throw TwirpError(.internal, "internal error")
        }
        return try TwirpBody(reply, format: body.format)
    }
}

extension Grant {
    func requireCreate() throws(TwirpError) {
        guard roomCreate else { throw TwirpError(.permissionDenied, "the access token does not grant roomCreate") }
    }

    func requireList() throws(TwirpError) {
        guard roomList else { throw TwirpError(.permissionDenied, "the access token does not grant roomList") }
    }

    func requireAdmin(of room: String) throws(TwirpError) {
        guard !room.isEmpty else { throw TwirpError(.invalidArgument, "room is empty") }
        guard roomAdmin, self.room == room else {
            throw TwirpError(.permissionDenied, "the access token does not grant roomAdmin for this room")
        }
    }
}
