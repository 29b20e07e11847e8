import Foundation
import LiveKitProtocol
import Relay
import SwiftProtobuf

extension RoomService {
    func createRoom(_ request: LiveKit_CreateRoomRequest, _ grant: Grant) async throws -> LiveKit_Room {
        try grant.requireCreate()
        guard !request.name.isEmpty else { throw TwirpError(.invalidArgument, "name is empty") }
        // Zero is "not stated" on the wire.
        func stated(_ value: UInt32) -> Int? { value == 0 ? nil : Int(value) }
        let room = try await relay.createRoom(
            RoomRequest(
                name: request.name, metadata: request.metadata, emptyTimeout: stated(request.emptyTimeout),
                departureTimeout: stated(request.departureTimeout), maxParticipants: stated(request.maxParticipants)))
        return LiveKit_Room(room)
    }

    func listRooms(_ request: LiveKit_ListRoomsRequest, _ grant: Grant) async throws -> LiveKit_ListRoomsResponse {
        try grant.requireList()
        let rooms = await relay.rooms(named: request.names)
        return .with { $0.rooms = rooms.map(LiveKit_Room.init) }
    }

    func deleteRoom(_ request: LiveKit_DeleteRoomRequest, _ grant: Grant) async throws -> LiveKit_DeleteRoomResponse {
        try grant.requireCreate()
        try await relay.deleteRoom(request.room)
        return LiveKit_DeleteRoomResponse()
    }

    func updateRoomMetadata(_ request: LiveKit_UpdateRoomMetadataRequest, _ grant: Grant) async throws -> LiveKit_Room {
        try grant.requireAdmin(of: request.room)
        return LiveKit_Room(try await relay.updateRoomMetadata(request.room, request.metadata))
    }

    /// The packet that clients see has no sender: it is from the server.
    func sendData(_ request: LiveKit_SendDataRequest, _ grant: Grant) async throws -> LiveKit_SendDataResponse {
        try grant.requireAdmin(of: request.room)
        var identities = Set(request.destinationIdentities)
        let isToEveryone = identities.isEmpty && request.destinationSids.isEmpty
        if !request.destinationSids.isEmpty {
            let sids = Set(request.destinationSids)
            let named = try await relay.participants(in: request.room).filter { sids.contains($0.id.rawValue) }
            identities.formUnion(named.map(\.identity))
        }
        let packet = LiveKit_DataPacket.with {
            $0.kind = request.kind
            $0.destinationIdentities = identities.sorted()
            $0.user.payload = request.data
            $0.user.destinationIdentities = identities.sorted()
            $0.user.nonce = request.nonce
            if request.hasTopic { $0.user.topic = request.topic }
        }
        try await relay.deliver(
            packet.serializedBytes(), kind: request.kind == .lossy ? .lossy : .reliable, room: request.room,
            to: isToEveryone ? .everyone : .identities(identities), from: nil)
        return LiveKit_SendDataResponse()
    }
}
