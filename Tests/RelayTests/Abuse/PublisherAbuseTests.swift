import Media
import Testing

@testable import Relay

extension LiveRelay {
    /// Publishers with a session of their own.
    @Suite struct PublisherAbuse {
        @Test func `a publisher that changes its SSRC with every packet harms nobody else`() async throws {
            try await AbusedRoom.with { room in
                try await room.abuser.publish(.video)
                try await eventually("the connection") { room.abuser.isPublisherConnected }
                let mid = room.abuser.look { Array($0.tracks[0].mid.utf8) }
                let payload = TestPicture(isKeyframe: true, layer: 0, number: 1, pictureID: 1)
                    .payload(width: 16, height: 16, tl0: 0, size: 40)
                try await room.flood(4000) { index in
                    room.abuser.look {
                        $0.publisher.send(
                            ssrc: 1_000_000 + UInt32(index), payloadType: TestTrack.videoPayloadType,
                            sequence: UInt16(truncatingIfNeeded: index), timestamp: UInt32(index) * 3000, marker: true,
                            extensions: [(TestTrack.ExtensionID.mid, mid)], payload: payload)
                    }
                }
                // An opener takes so many sources, and no more.
                try await eventually("drops") { await room.bench.drops(.malformed) >= 2000 }
                #expect(room.abuser.leaveReason == nil)
            }
        }

        @Test func `header extensions that overrun their packet end there`() async throws {
            try await AbusedRoom.with { room in
                try await room.abuser.publish(.video)
                try await eventually("the connection") { room.abuser.isPublisherConnected }
                let (ssrc, first) = room.abuser.look { state in
                    state.tracks[0].isSending = false
                    return (state.tracks[0].encodings[0].ssrc, Int(state.tracks[0].encodings[0].sequence))
                }
                let source = (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> (24 - 8 * UInt32($0))) }
                func packet(_ number: Int, _ rest: [UInt8]) -> [UInt8] {
                    [0x90, 120, UInt8(number >> 8 & 255), UInt8(number & 255), 0, 0, 0, 0] + source + rest
                }
                let overruns: [[UInt8]] = [
                    // One-byte elements longer than the extension; two-byte ones likewise; a reserved identifier.
                    [0xBE, 0xDE, 0, 1, 0x5F, 1, 2, 3, 0x90], [0x10, 0, 0, 1, 3, 255, 1, 2, 0x90],
                    [0xBE, 0xDE, 0, 1, 0xF0, 1, 2, 3, 0x90], [0xBE, 0xDE, 0, 1, 0, 0, 0, 0x3F],
                    // An extension longer than the packet, which cannot be sealed and comes as it is.
                    [0xBE, 0xDE, 0xFF, 0xFF, 1, 2, 3, 4],
                ]
                try await room.flood(2000) { index in
                    let bytes = packet(first + 1 + index, overruns[index % overruns.count])
                    room.abuser.look { state in
                        if index % overruns.count == overruns.count - 1 {
                            state.publisher.socket.send(bytes + [UInt8](repeating: 0, count: 16), to: room.relay)
                        } else {
                            state.publisher.send(rawRTP: bytes)
                        }
                    }
                }
                #expect(room.abuser.leaveReason == nil)
            }
        }

        @Test func `a flood of messages is cut at the allowance and delays nobody's media`() async throws {
            try await AbusedRoom.with { room in
                let task = LiveRelay.Data.passOn(room.bench.relay)
                try await room.abuser.offer()
                try await eventually("the channels") { room.abuser.look { $0.publisher.channels.count } == 2 }
                let message = [UInt8](repeating: 7, count: 500)
                try await eventually("drops") {
                    room.abuser.look { state in
                        for _ in 0..<50 {
                            _ = state.publisher.send(message: message, label: "_lossy", now: Clock.now())
                        }
                    }
                    return await room.bench.drops(.dataLimit) >= 500
                }
                let rate = room.bench.relay.configuration.limits.data.messagesPerSecond
                try await eventually("what was within the allowance") { room.viewers[0].messages.count > 0 }
                #expect(room.viewers[0].messages.count < 60 * rate)
                task.cancel()
            }
        }

        @Test(arguments: ["long", "lines", "sections", "line"])
        func `a huge description is refused and its sender keeps the session it had`(shape: String) async throws {
            try await AbusedRoom.with { room in
                let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                let section = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
                let sdp =
                    switch shape {
                    case "long":
                        head + String(repeating: "a=x:" + String(repeating: "y", count: 4000) + "\r\n", count: 100)
                    case "lines": head + String(repeating: "a=x\r\n", count: 20_000)
                    case "sections": head + String(repeating: section, count: 1000)
                    default: head + "a=" + String(repeating: "z", count: 200_000) + "\r\n"
                    }
                for _ in 0..<20 {
                    await #expect(throws: (any Error).self) {
                        try await room.bench.relay.publisherOffer(room.abuser.id, sdp: sdp)
                    }
                }
                let track = try await room.abuser.publish(.audio)
                try await eventually("the abuser can still publish") {
                    !room.viewers[0].packets(of: track).isEmpty
                }
            }
        }
    }
}
