package import LiveKitProtocol
package import Relay

extension LiveKit_Room {
    package init(_ room: RoomState) {
        self.init()
        sid = room.id.rawValue
        name = room.name
        metadata = room.metadata
        creationTime = room.createdAt / 1000
        creationTimeMs = room.createdAt
        emptyTimeout = UInt32(clamping: room.emptyTimeout)
        departureTimeout = UInt32(clamping: room.departureTimeout)
        maxParticipants = UInt32(clamping: room.maxParticipants)
        numParticipants = UInt32(clamping: room.participantCount)
        numPublishers = UInt32(clamping: room.publisherCount)
    }
}
