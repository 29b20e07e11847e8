import LiveKitProtocol
import Logging
import NIOCore
import SwiftProtobuf

@testable import Relay
@testable import Signal

/// States and messages that several tests start from.
enum Sample {
    static let layers = [
        TrackState.Layer(quality: .low, rid: "q", width: 320, height: 180, bitrate: 150_000),
        TrackState.Layer(quality: .medium, rid: "h", width: 640, height: 360, bitrate: 500_000),
        TrackState.Layer(quality: .high, rid: "f", width: 1280, height: 720, bitrate: 1_700_000),
    ]

    static let camera = TrackState(
        id: TrackID("TR_camera"), kind: .video, source: .camera, name: "camera", isMuted: false, width: 1280,
        height: 720, layers: layers, isSimulcast: true, mimeType: "video/VP8", mid: "1", stream: "s", isStereo: false,
        disablesDTX: false, disablesRED: true, encryption: 0)

    static let microphone = TrackState(
        id: TrackID("TR_mic"), kind: .audio, source: .microphone, name: "mic", isMuted: true, width: 0, height: 0,
        layers: [], isSimulcast: false, mimeType: "audio/opus", mid: "2", stream: "s", isStereo: true,
        disablesDTX: true, disablesRED: false, encryption: 1)

    static let room = RoomState(
        id: RoomID("RM_1"), name: "studio", metadata: "m", createdAt: 1_766_000_000_123, emptyTimeout: 300,
        departureTimeout: 20, maxParticipants: 5, participantCount: 2, publisherCount: 1)

    static func participant(
        _ identity: String = "alice", permission: Permission = all, tracks: [TrackState] = []
    ) -> ParticipantState {
        ParticipantState(
            id: ParticipantID("PA_\(identity)"), identity: identity, name: identity.uppercased(), metadata: "",
            attributes: [:], stage: .joined, joinedAt: 1_766_000_000_456, permission: permission, tracks: tracks,
            version: 3, leaveReason: nil)
    }

    static let all = Permission(canSubscribe: true, canPublish: true, canPublishData: true)

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func binary(_ request: LiveKit_SignalRequest.OneOf_Message) throws -> WebSocketMessage {
        let bytes: [UInt8] = try LiveKit_SignalRequest.with { $0.message = request }.serializedBytes()
        return .binary(ByteBuffer(bytes: bytes))
    }

    static func response(_ message: WebSocketMessage) throws -> LiveKit_SignalResponse {
        switch message {
        case .text(let text): try LiveKit_SignalResponse(jsonString: text)
        case .binary(let buffer): try LiveKit_SignalResponse(serializedBytes: Array(buffer: buffer))
        }
    }
}

/// Hexadecimal digits, two a byte.
func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
}

/// SplitMix64: the same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
