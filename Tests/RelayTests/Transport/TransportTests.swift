import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Transports {
        @Test func `a viewer whose address changes keeps receiving`() async throws {
            try await withRelay(workers: 2) { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video)
                try await eventually("video") { viewer.packets(of: track).count >= 10 }
                // Several times, so that the kernel hands the new address to the other worker as well.
                for _ in 0..<4 {
                    viewer.look { $0.subscriber.move(now: Clock.now()) }
                    let count = viewer.packets(of: track).count
                    try await eventually("video at the new address") { viewer.packets(of: track).count >= count + 10 }
                }
                // Still able to say something from there.
                let picture = try #require(viewer.packets(of: track).last)
                let rtx = try #require(viewer.section(of: track)?.rtxSSRC(for: picture.ssrc))
                viewer.look {
                    $0.subscriber.send(rtcp: [
                        .nack(Nack(senderSSRC: 1, mediaSSRC: picture.ssrc, sequenceNumbers: [picture.sequence]))
                    ])
                }
                try await eventually("the retransmission") { !viewer.packets(ssrc: rtx).isEmpty }
            }
        }

        @Test func `publishers and viewers on different workers reach each other`() async throws {
            try await withRelay(workers: 2) { bench in
                let publisher = try await bench.join("publisher")
                var viewers: [TestPeer] = []
                for index in 0..<8 { viewers.append(try await bench.join("viewer \(index)")) }
                let video = try await publisher.publish(.video)
                let audio = try await publisher.publish(.audio)
                for viewer in viewers {
                    try await eventually("media") {
                        viewer.packets(of: video).count >= 20 && viewer.packets(of: audio).count >= 20
                    }
                    let packets = viewer.packets(of: video)
                    for (packet, next) in zip(packets, packets.dropFirst()) {
                        #expect(next.sequence == packet.sequence &+ 1)
                    }
                }
                // Eight sockets on two workers: all on one side once in 128 runs, and then this shows nothing.
                let homes = await bench.relay.directory.homes
                #expect(homes.count >= 9)
            }
        }

        @Test func `strangers are never answered`() async throws {
            try await withRelay { bench in
                let peer = try await bench.join("peer")
                try await eventually("the connection") { peer.isSubscriberConnected }
                let port = UInt16(bench.relay.udpPort)
                let relay = TransportAddress(ipv4: (127, 0, 0, 1), port: port)
                let stranger = LoopbackSocket()
                var random = SystemRandom()
                let offered = try #require(peer.look { $0.offered })
                let known = try #require(offered.iceCredentials(of: offered.media[0]))
                for (ufrag, password) in [("unknown1", "x"), (known.ufrag, "wrong password 123456789"), ("", "")] {
                    var request = STUNMessage(.request, transactionID: .random(using: &random))
                    request.username = "\(ufrag):peer"
                    request.priority = 1
                    stranger.send(request.serialize(integrityPassword: password), to: relay)
                }
                let before = await bench.drops(.unknownAddress)
                let dtls = DTLSSession(
                    role: .client, certificate: PeerTransport.certificate,
                    peerFingerprint: PeerTransport.certificate.fingerprint, now: Clock.now())
                for datagram in dtls.start(now: Clock.now()).datagrams { stranger.send(datagram, to: relay) }
                try await eventually("all are dropped") {
                    let refused = await bench.drops(.stunRefused)
                    let unknown = await bench.drops(.unknownAddress)
                    return refused >= 3 && unknown > before
                }
                #expect(stranger.receive() == nil)
            }
        }

        @Test func `a session goes to whoever proves to know its password, not to the first who names it`() async throws
        {
            try await withRelay { bench in
                let viewer = try await bench.join("viewer", answersOffers: false)
                try await eventually("the offer") { !viewer.events.isEmpty }
                guard case .subscriberOffer(let sdp, let id) = viewer.events[0] else { return }
                let offer = try SessionDescription(parsing: sdp)
                let credentials = try #require(offer.iceCredentials(of: offer.media[0]))
                var random = SystemRandom()
                var request = STUNMessage(.request, transactionID: .random(using: &random))
                request.username = "\(credentials.ufrag):x"
                let stranger = LoopbackSocket()
                stranger.send(
                    request.serialize(integrityPassword: "not the password"),
                    to: TransportAddress(ipv4: (127, 0, 0, 1), port: UInt16(bench.relay.udpPort)))
                try await eventually("the refusal") { await bench.drops(.stunRefused) >= 1 }
                #expect(await bench.relay.directory.homes.isEmpty)
                await viewer.answer(sdp, id: id)
                try await eventually("the connection") { viewer.isSubscriberConnected }
                #expect(await bench.relay.directory.homes.count == 1)
            }
        }

        @Test func `a handshake that comes before the answer is kept, but not without end`() async throws {
            try await withRelay { bench in
                let viewer = try await bench.join("viewer", answersOffers: false)
                try await eventually("the offer") { !viewer.events.isEmpty }
                guard case .subscriberOffer(let sdp, _) = viewer.events[0] else { return }
                let offer = try SessionDescription(parsing: sdp)
                let credentials = try #require(offer.iceCredentials(of: offer.media[0]))
                var random = SystemRandom()
                var request = STUNMessage(.request, transactionID: .random(using: &random))
                request.username = "\(credentials.ufrag):x"
                request.priority = 1
                request.iceControlling = 1
                let relay = TransportAddress(ipv4: (127, 0, 0, 1), port: UInt16(bench.relay.udpPort))
                let socket = LoopbackSocket()
                socket.send(request.serialize(integrityPassword: credentials.password), to: relay)
                try await eventually("an answer") { socket.receive() != nil }
                let dtls = DTLSSession(
                    role: .client, certificate: PeerTransport.certificate,
                    peerFingerprint: PeerTransport.certificate.fingerprint, now: Clock.now())
                let hello = try #require(dtls.start(now: Clock.now()).datagrams.first)
                for _ in 0..<50 { socket.send(hello, to: relay) }
                try await eventually("drops") { await bench.drops(.dtlsRefused) >= 40 }
                #expect(await bench.drops(.dtlsRefused) < 50)
            }
        }

        @Test func `random datagrams change nothing`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video)
                try await eventually("video") { viewer.packets(of: track).count >= 5 }
                let relay = TransportAddress(ipv4: (127, 0, 0, 1), port: UInt16(bench.relay.udpPort))
                let stranger = LoopbackSocket()
                var random = SeededGenerator(seed: 7)
                for _ in 0..<500 {
                    var datagram = (0..<Int.random(in: 0...1500, using: &random)).map { _ in
                        UInt8.random(in: .min ... .max, using: &random)
                    }
                    if !datagram.isEmpty { datagram[0] = [0, 20, 22, 128, 144, 255].randomElement(using: &random)! }
                    stranger.send(datagram, to: relay)
                    // And from an address that is trusted.
                    viewer.look { $0.subscriber.socket.send(datagram, to: relay) }
                    publisher.look { $0.publisher.socket.send(datagram, to: relay) }
                }
                let count = viewer.packets(of: track).count
                try await eventually("video goes on") { viewer.packets(of: track).count >= count + 20 }
                #expect(stranger.receive() == nil)
                let packets = viewer.packets(of: track)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                }
            }
        }

        @Test func `checks for a session that has ended are refused, and the worker rests`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let track = try await publisher.publish(.audio)
                try await eventually("the connection") { publisher.isPublisherConnected }
                let viewer = try await bench.join("viewer")
                try await eventually("audio") { !viewer.packets(of: track).isEmpty }
                publisher.look { $0.publisher.close() }
                try await eventually("the track is gone") { viewer.section(of: track) == nil }
                let refused = await bench.drops(.stunRefused)
                publisher.look { $0.publisher.checkAgain(now: Clock.now()) }
                try await eventually("the check is refused") { await bench.drops(.stunRefused) > refused }
                let settled = await bench.drops(.stunRefused)
                try await Task.sleep(for: .milliseconds(100))
                #expect(await bench.drops(.stunRefused) == settled)
            }
        }
    }
}
