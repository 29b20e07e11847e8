import LiveKitProtocol
import NIOCore
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

/// The fixtures were made with LiveKit's own protobuf definitions, by another implementation.
@Suite struct SignalFrameTests {
    static let addTrack = bytes(
        hex:
            "22530a0563616d2d31120663616d657261180120800a28d00540014a0d10c00218b40120f093093a01714a11080110800518e80220"
            + "a0c21e30013a01684a11080210800a18d00520a0e16730023a016668017a0173")

    static let addTrackText = """
        {"addTrack": {"cid": "cam-1", "name": "camera", "type": "VIDEO", "width": 1280, "height": 720, "source": \
        "CAMERA", "layers": [{"width": 320, "height": 180, "bitrate": 150000, "rid": "q"}, {"quality": "MEDIUM", \
        "width": 640, "height": 360, "bitrate": 500000, "spatialLayer": 1, "rid": "h"}, {"quality": "HIGH", "width": \
        1280, "height": 720, "bitrate": 1700000, "spatialLayer": 2, "rid": "f"}], "disableRed": true, "stream": "s"}}
        """

    @Test func `protobuf and JSON of one request are the same request`() throws {
        let binary = try #require(LiveKit_SignalRequest(.binary(ByteBuffer(bytes: Self.addTrack))))
        let text = try #require(LiveKit_SignalRequest(.text(Self.addTrackText)))
        #expect(binary == text)
        let track = try #require(TrackRequest(binary.addTrack))
        #expect(track.clientID == "cam-1")
        #expect(track.source == .camera)
        #expect(track.layers == Sample.layers)
        #expect(track.disablesRED)
        let again: [UInt8] = try binary.serializedBytes()
        #expect(again == Self.addTrack)
    }

    @Test func `pings and settings are read as LiveKit writes them`() throws {
        let ping = try #require(
            LiveKit_SignalRequest(.binary(ByteBuffer(bytes: bytes(hex: "82010908fbf8b5eeb233102a")))))
        #expect(ping.pingReq.timestamp == 1_766_000_000_123)
        #expect(ping.pingReq.rtt == 42)
        let setting = try #require(
            LiveKit_SignalRequest(.binary(ByteBuffer(bytes: bytes(hex: "3a0e0a0454525f61200128800530e802")))))
        #expect(TrackSettings(setting.trackSetting) == TrackSettings(quality: .medium, width: 640, height: 360))
        #expect(setting.trackSetting.tracks == [TrackID("TR_a")])
    }

    @Test func `what a later protocol adds is passed over`() throws {
        let member = try #require(LiveKit_SignalRequest(.binary(ByteBuffer(bytes: bytes(hex: "b201020803")))))
        #expect(member.message == nil)
        let text = try #require(
            LiveKit_SignalRequest(.text(#"{"pingReq": {"timestamp": "5", "mood": {"a": [1, 2]}}, "later": {}}"#)))
        #expect(text.pingReq.timestamp == 5)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "7", "\"ping\"", #"{"ping": "x"}"#, #"{"leave": 3}"#, #"{"leave": {"reason": {}}}"#,
        String(repeating: "[", count: 30_000), #"{"later": "# + String(repeating: "[", count: 30_000),
    ])
    func `text that is no request is refused`(text: String) {
        #expect(LiveKit_SignalRequest(.text(text)) == nil)
    }

    @Test func `a binary request cut at any byte is read in part or refused`() {
        for length in 0..<Self.addTrack.count {
            let request = LiveKit_SignalRequest(.binary(ByteBuffer(bytes: Self.addTrack.prefix(length))))
            #expect(request == nil || length == 0)
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `changed bytes never trap`(seed: UInt64) {
        var random = Seeded(state: seed)
        var bytes = Self.addTrack
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if let request = LiveKit_SignalRequest(.binary(ByteBuffer(bytes: bytes))) {
            _ = SignalStep(request, now: 0, simulatesFaults: true)
        }
    }

    @Test(arguments: [SignalFormat.protobuf, .json])
    func `a response is the same in either form`(format: SignalFormat) throws {
        let response = LiveKit_SignalResponse.with {
            $0.update.participants = [LiveKit_ParticipantInfo(Sample.participant(tracks: [Sample.camera]))]
        }
        let message = try format.encode(response)
        #expect(message.format == format)
        #expect(try Sample.response(message) == response)
    }
}
