import Foundation
import LiveKitProtocol
import Relay
import SwiftProtobuf

/// One event as it is posted: the JSON, made once, that every attempt and every receiver gets.
struct WebhookMessage: Sendable {
    let id: String
    /// `room_started` and so on.
    let name: String
    let body: [UInt8]

    /// - Parameter time: Unix seconds.
    /// - Returns: nil for what LiveKit has no webhook for.
    init?(_ event: RelayEvent, id: String, time: Int64) throws {
        guard let event = LiveKit_WebhookEvent(event, id: id, time: time) else { return nil }
        self.id = id
        name = event.event
        body = try event.jsonUTF8Bytes()
    }

    /// `EV_` and 24 random hexadecimal digits.
    static func randomID() -> String {
        "EV_" + (0..<3).map { _ in String(UInt32.random(in: 1 << 28 ... .max), radix: 16) }.joined()
    }
}

extension LiveKit_WebhookEvent {
    init?(_ event: RelayEvent, id: String, time: Int64) {
        self.init()
        self.id = id
        createdAt = time
        switch event {
        case .roomStarted(let room): fill("room_started", room)
        case .roomFinished(let room): fill("room_finished", room)
        case .participantJoined(let room, let participant): fill("participant_joined", room, participant)
        case .participantLeft(let room, let participant): fill("participant_left", room, participant)
        case .trackPublished(let room, let participant, let track): fill("track_published", room, participant, track)
        case .trackUnpublished(let room, let participant, let track):
            fill("track_unpublished", room, participant, track)
        case .mediaStarted, .mediaStopped: return nil
        }
    }

    private mutating func fill(
        _ name: String, _ room: RoomState, _ participant: ParticipantState? = nil, _ track: TrackState? = nil
    ) {
        event = name
        self.room = LiveKit_Room(room)
        if let participant { self.participant = LiveKit_ParticipantInfo(participant) }
        if let track { self.track = LiveKit_TrackInfo(track) }
    }
}
