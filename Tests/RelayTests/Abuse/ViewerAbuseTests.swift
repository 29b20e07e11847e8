import Testing

@testable import Media
@testable import Relay

extension LiveRelay {
    /// Viewers with a session of their own.
    @Suite struct ViewerAbuse {
        @Test func `many valid checks are answered and cost the others nothing`() async throws {
            try await AbusedRoom.with { room in
                let offered = try #require(room.abuser.look { $0.offered })
                let own = try #require(offered.iceCredentials(of: offered.media[0]))
                func check() -> [UInt8] { room.check(ufrag: own.ufrag, password: own.password) }
                // From more addresses than a session may have.
                let sockets = (0..<20).map { _ in LoopbackSocket() }
                let many = check()
                try await room.flood(4000) { sockets[$0 % sockets.count].send(many, to: room.relay) }
                // Both workers read some of it, each in its own time, and what does not fit into a socket's buffer is lost.
                for socket in sockets {
                    let next = check()
                    try await eventually("an answer") {
                        socket.send(next, to: room.relay)
                        return socket.receives(answerTo: next)
                    }
                }
                // What one socket sends is read in order: with the last answers, no check is on its way any more.
                for socket in sockets {
                    let last = check()
                    socket.send(last, to: room.relay)
                    try await eventually("the last answer") { socket.receives(answerTo: last) }
                }
                // The session keeps a few of them, and the rest are strangers again.
                let before = await room.bench.drops(.unknownAddress)
                for socket in sockets { for datagram in room.clientHello() { socket.send(datagram, to: room.relay) } }
                let strangers = UInt64(sockets.count - ICELiteAgent.maximumPaths)
                try await eventually("drops") { await room.bench.drops(.unknownAddress) >= before + strangers }
            }
        }

        @Test func `a storm of NACKs gets no more than the allowance`() async throws {
            try await AbusedRoom.with(pictureSize: 1000) { room in
                let own = try #require(room.abuser.ssrc(of: room.video))
                let rtx = try #require(room.abuser.section(of: room.video)?.rtxSSRC(for: own))
                try await eventually("a storm over many packets") {
                    let numbers = room.abuser.packets(ssrc: own).suffix(500).map(\.sequence)
                    let storm = Nack(senderSSRC: 1, mediaSSRC: own, sequenceNumbers: numbers)
                    room.abuser.look { $0.subscriber.send(rtcp: [.nack(storm)]) }
                    return numbers.count >= 250
                }
                try await eventually("refusals") { await room.bench.drops(.retransmissionRefused) > 2000 }
                let sent = room.abuser.packets(ssrc: own).reduce(0) { $0 + $1.payload.count + 64 }
                let resent = room.abuser.packets(ssrc: rtx).reduce(0) { $0 + $1.payload.count }
                #expect(resent > 0)
                #expect(resent <= RetransmissionAllowance.capacity + sent / 2)
            }
        }

        @Test(arguments: [PictureRequest.pictureLossIndication, .fullIntraRequest])
        func `a storm of keyframe requests is counted, and the creator hears of it as often as one viewer may ask`(
            request: PictureRequest
        ) async throws {
            try await AbusedRoom.with { room in
                let own = try #require(room.abuser.ssrc(of: room.video))
                let ssrc = room.creator.look { $0.tracks[0].encodings[0].ssrc }
                let before = room.creator.look { $0.pictureLosses[ssrc, default: []].count }
                let repaired = await room.bench.relay.metrics().cachedStarts
                let start = Clock.now()
                try await room.flood(4000) { index in
                    room.abuser.look { $0.subscriber.send(rtcp: [request.packet(for: own, number: index)]) }
                }
                try await eventually("all are counted") { await room.bench.relay.metrics().plisReceived >= 2000 }
                let allowed = PictureLossAllowance.burst + 1 + (Clock.now() - start) / PictureLossAllowance.interval
                let refused = await room.bench.drops(.pictureLossRefused)
                #expect(Double(await room.bench.relay.metrics().plisReceived) <= Double(refused) + allowed)
                let asked = room.creator.look { $0.pictureLosses[ssrc, default: []].count } - before
                let seconds = (Clock.now() - start).inSeconds
                // A keyframe that is there already answers as well.
                let answers = await room.bench.relay.metrics().cachedStarts - repaired + UInt64(asked)
                #expect(answers >= 1)
                #expect(Double(asked) <= PictureLossAllowance.burst + 1 + seconds / 2)
            }
        }

        @Test func `RTCP that lies about its length is counted and dropped`() async throws {
            try await AbusedRoom.with { room in
                let own = try #require(room.abuser.ssrc(of: room.video))
                let source = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: own >> (24 - UInt32($0))) }
                let before = await room.bench.drops(.malformed)
                let lies: [[UInt8]] = [
                    // Longer than the datagram, without a body, a count without its blocks, padding beyond the packet,
                    // padding of nothing.
                    [0x81, 206, 0xFF, 0xFF, 0, 0, 0, 1] + source, [0x81, 205, 0, 0, 0, 0, 0, 1],
                    [0x9F, 201, 0, 1, 0, 0, 0, 1], [0xA1, 206, 0, 2, 0, 0, 0, 1] + source.dropLast() + [255],
                    [0xA1, 206, 0, 2, 0, 0, 0, 1] + source.dropLast() + [0],
                ]
                for (index, lie) in lies.enumerated() {
                    try await room.flood(100) { _ in room.abuser.look { $0.subscriber.send(rawRTCP: lie) } }
                    try await eventually("drops of lie \(index)") {
                        await room.bench.drops(.malformed) >= before + UInt64(100 * index + 50)
                    }
                }
                #expect(room.abuser.leaveReason == nil)
            }
        }

        @Test func `an association without streams is refused, and media goes on for its sender as well`() async throws
        {
            try await AbusedRoom.with { room in
                let data = LiveRelay.Data.passOn(room.bench.relay)
                for (outgoing, incoming) in [(UInt16(0), UInt16(0)), (0, 16), (16, 0)] {
                    let initiation = SCTPInitiation(
                        tag: PeerTransport.strayTag, window: 65_536, outgoingStreams: outgoing,
                        incomingStreams: incoming, initialTSN: 1)
                    let packet = SCTPPacket(
                        sourcePort: 5000, destinationPort: 5000, verificationTag: 0, chunks: [.initiate(initiation)])
                    let before = room.abuser.look { $0.subscriber.strayPackets.count }
                    try await room.flood(200) { _ in
                        room.abuser.look { $0.subscriber.send(rawSCTP: packet.serialize()) }
                    }
                    try await eventually("refusals") {
                        room.abuser.look { $0.subscriber.strayPackets.count } >= before + 100
                    }
                }
                let answers = room.abuser.look { $0.subscriber.strayPackets.flatMap(\.chunks) }
                #expect(answers.allSatisfy { if case .abort = $0 { true } else { false } })
                // The association that was there is still there.
                try await eventually("the creator's channels") {
                    room.creator.look { $0.publisher.channels.count } == 2
                }
                LiveRelay.Data.send("still there?", from: room.creator)
                try await eventually("a message") { LiveRelay.Data.texts(room.abuser) == ["still there?"] }
                data.cancel()
                let count = room.abuser.packets(of: room.video).count
                try await eventually("media") { room.abuser.packets(of: room.video).count >= count + 10 }
            }
        }

        @Test func `a viewer that never sends RTCP is served, and owed nothing`() async throws {
            try await AbusedRoom.with { room in
                // No peer of these tests sends receiver reports, feedback or NACKs by itself: longer than any history.
                try await eventually("more packets than are remembered", within: .seconds(60)) {
                    room.abuser.packets(of: room.video).count > 520
                }
                let numbers = room.abuser.packets(of: room.video).map(\.sequence)
                for (number, next) in zip(numbers, numbers.dropFirst()) { #expect(next == number &+ 1) }
                #expect(await room.bench.relay.metrics().retransmissions == 0)
            }
        }
    }
}

/// The two ways in which a viewer asks for a keyframe.
enum PictureRequest: Sendable {
    case pictureLossIndication, fullIntraRequest

    func packet(for ssrc: UInt32, number: Int) -> RTCPPacket {
        switch self {
        case .pictureLossIndication: .pictureLossIndication(.init(senderSSRC: 1, mediaSSRC: ssrc))
        case .fullIntraRequest:
            .fullIntraRequest(
                FullIntraRequest(
                    senderSSRC: 1, entries: [.init(ssrc: ssrc, sequenceNumber: UInt8(truncatingIfNeeded: number))]))
        }
    }
}
