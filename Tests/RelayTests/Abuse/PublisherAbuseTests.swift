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

        @Test func `SSRCs that belong to no track take nobody's place`() async throws {
            try await AbusedRoom.with { room in
                let first = try await room.abuser.publish(.audio)
                try await eventually("sound") { !room.viewers[0].packets(of: first).isEmpty }
                try await room.flood(1000) { index in
                    room.abuser.look {
                        // A payload type that nobody announced.
                        $0.publisher.send(
                            ssrc: 1_000_000 + UInt32(index), payloadType: 77, sequence: 1, timestamp: 1, marker: false,
                            extensions: [], payload: [1, 2, 3])
                    }
                }
                try await eventually("drops") { await room.bench.drops(.unknownStream) >= 500 }
                let second = try await room.abuser.publish(.audio)
                try await eventually("more sound") { !room.viewers[0].packets(of: second).isEmpty }
            }
        }

        @Test func `header extensions that overrun their packet end there, and their packets go on without them`()
            async throws
        {
            try await AbusedRoom.with { room in
                let track = try await room.abuser.publish(.audio)
                try await eventually("sound") { !room.viewers[0].packets(of: track).isEmpty }
                let (ssrc, first) = room.abuser.look { state in
                    state.tracks[0].isSending = false
                    return (state.tracks[0].encodings[0].ssrc, Int(state.tracks[0].encodings[0].sequence))
                }
                let source = (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> (24 - 8 * UInt32($0))) }
                func packet(_ number: Int, _ rest: [UInt8]) -> [UInt8] {
                    let time = number * 960
                    return [0x90, TestTrack.audioPayloadType, UInt8(number >> 8 & 255), UInt8(number & 255)]
                        + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: time >> $0) } + source + rest
                }
                // Audio levels, as identifier 9, that no viewer is to see.
                let overruns: [[UInt8]] = [
                    // One-byte elements longer than the extension; two-byte ones likewise.
                    [0xBE, 0xDE, 0, 1, 0x9F, 1, 2, 3], [0xBE, 0xDE, 0, 1, 0, 0, 0, 0x9F],
                    [0x10, 0, 0, 1, 9, 255, 1, 2], [0x10, 0, 0, 1, 0, 0, 0, 9],
                    // Behind the reserved identifier, and behind an identifier 0 with a length.
                    [0xBE, 0xDE, 0, 2, 0xF0, 1, 0x90, 0x55, 0, 0, 0, 0],
                    [0xBE, 0xDE, 0, 2, 1, 1, 2, 0x90, 0x55, 0, 0, 0],
                ]
                for (index, overrun) in overruns.enumerated() {
                    // Where an element would go on.
                    let payload = [UInt8](repeating: UInt8(index), count: 300)
                    try await room.flood(200) { number in
                        let bytes = packet(first + 1 + 200 * index + number, overrun + payload)
                        room.abuser.look { $0.publisher.send(rawRTP: bytes) }
                    }
                    func received() -> [ReceivedPacket] {
                        room.viewers[0].packets(of: track).filter { $0.payload == payload }
                    }
                    try await eventually("packets with overrun \(index)") { received().count >= 100 }
                    let passedOn = Set(received().flatMap(\.extensions.keys))
                    #expect(passedOn.isSubset(of: [CanonicalExtension.transportWideCC]))
                }
                // An extension longer than the packet cannot be sealed and comes as it is.
                let before = await room.bench.drops(.malformed)
                let long = packet(first, [0xBE, 0xDE, 0xFF, 0xFF, 1, 2, 3, 4]) + [UInt8](repeating: 0, count: 16)
                try await room.flood(400) { _ in room.abuser.look { $0.publisher.socket.send(long, to: room.relay) } }
                try await eventually("drops") { await room.bench.drops(.malformed) >= before + 200 }
                #expect(room.abuser.leaveReason == nil)
            }
        }

        @Test func `a flood of messages is cut at the allowance and delays nobody's media`() async throws {
            try await AbusedRoom.with { room in
                let task = LiveRelay.Data.passOn(room.bench.relay)
                try await room.abuser.offer()
                try await eventually("the channels") { room.abuser.look { $0.publisher.channels.count } == 2 }
                let message = [UInt8](repeating: 7, count: 500)
                let start = Clock.now()
                try await eventually("drops") {
                    room.abuser.look { state in
                        for _ in 0..<50 {
                            _ = state.publisher.send(message: message, label: "_lossy", now: Clock.now())
                        }
                    }
                    return await room.bench.drops(.dataLimit) >= 500
                }
                try await eventually("what was within the allowance") { room.viewers[0].messages.count > 0 }
                let rate = room.bench.relay.configuration.limits.data.messagesPerSecond
                let allowed = Double(rate) * (2 + (Clock.now() - start).inSeconds)
                #expect(Double(room.viewers[0].messages.count) <= allowed)
                task.cancel()
            }
        }

        @Test func `a huge description is refused for its size, and its sender keeps the session it had`() async throws
        {
            try await AbusedRoom.with { room in
                // Each is an offer that would be taken, but for what was added to it.
                let offer = room.abuser.description
                func lines(_ count: Int, _ line: (Int) -> String) -> String {
                    offer + (0..<count).map { line($0) + "\r\n" }.joined()
                }
                let media = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
                let huge: [(sdp: String, refusal: RelayError)] = [
                    (
                        lines(100) { _ in "a=x:" + String(repeating: "y", count: 4000) },
                        .badDescription("too large: session description")
                    ),
                    (lines(5000) { _ in "a=x" }, .badDescription("too large: SDP lines")),
                    (
                        lines(1) { _ in "a=" + String(repeating: "z", count: 5000) },
                        .badDescription("too large: SDP line")
                    ),
                    (lines(300) { media + "a=mid:x\($0)" }, .badDescription("too large: SDP sections")),
                    (lines(100) { media + "a=mid:x\($0)" }, .limitReached("sections of a description")),
                    (
                        lines(200) { "a=candidate:\($0) 1 udp 1 192.0.2.1 9 typ host" },
                        .badDescription("too large: SDP candidates")
                    ),
                    (
                        lines(1) { _ in media + "a=mid:x" } + (0..<40).map { "a=rtcp-fb:96 x\($0)\r\n" }.joined(),
                        .badDescription("too large: SDP rtcp-fb")
                    ),
                ]
                for (sdp, refusal) in huge {
                    for _ in 0..<10 {
                        await #expect(throws: refusal) {
                            try await room.bench.relay.publisherOffer(room.abuser.id, sdp: sdp)
                        }
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
