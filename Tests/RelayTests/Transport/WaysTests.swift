import Glibc
import Media
import Testing

@testable import Relay

extension LiveRelay {
    /// Other ways to a relay than UDP over IPv4.
    @Suite struct Ways {
        static func bothFamilies(_ configuration: inout RelayConfiguration) {
            configuration.host = "::"
            configuration.tcpPort = 0
            configuration.advertisedAddresses = ["127.0.0.1", "::1"]
        }

        @Test(arguments: PeerPath.allCases)
        func `media, data and feedback go both ways`(path: PeerPath) async throws {
            try await withRelay(workers: 2, configure: Self.bothFamilies) { bench in
                let publisher = try await bench.join("publisher", path: path)
                let viewer = try await bench.join("viewer", path: path)
                let audio = try await publisher.publish(.audio)
                let video = try await publisher.publish(.video)
                try await eventually("media") {
                    viewer.packets(of: audio).count >= 30 && viewer.packets(of: video).count >= 30
                }
                let packets = viewer.packets(of: video)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                }
                let picture = try #require(packets.last)
                let rtx = try #require(viewer.section(of: video)?.rtxSSRC(for: picture.ssrc))
                viewer.look {
                    $0.subscriber.send(rtcp: [
                        .nack(Nack(senderSSRC: 1, mediaSSRC: picture.ssrc, sequenceNumbers: [picture.sequence]))
                    ])
                }
                try await eventually("the retransmission") { !viewer.packets(ssrc: rtx).isEmpty }
                let connections = await bench.relay.metrics().tcpConnections
                #expect(path.isTCP ? connections >= 2 : connections == 0)
            }
        }

        @Test func `viewers over TCP find their session on whichever worker it lives`() async throws {
            try await withRelay(workers: 2, configure: Self.bothFamilies) { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer", path: .tcp)
                let track = try await publisher.publish(.video)
                try await eventually("video") { viewer.packets(of: track).count >= 10 }
                // Several times, so that the kernel hands the new connection to the other worker as well.
                for _ in 0..<6 {
                    viewer.look { $0.subscriber.move(now: Clock.now()) }
                    let count = viewer.packets(of: track).count
                    try await eventually("video over the new connection") {
                        viewer.packets(of: track).count >= count + 10
                    }
                }
            }
        }

        @Test func `idle and babbling strangers are put out, and nobody else notices`() async throws {
            try await withRelay(configure: Self.bothFamilies) { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer", path: .tcp)
                let track = try await publisher.publish(.video)
                try await eventually("video") { viewer.packets(of: track).count >= 10 }
                let relay = TransportAddress(ipv4: (127, 0, 0, 1), port: UInt16(bench.relay.tcpPort!))
                let idle = (0..<TCPConnections.maximumWaitingOfOne * 3).map { _ in LoopbackStream() }
                for stream in idle { stream.connect(to: relay) }
                let babbling = LoopbackStream()
                // The relay has to have put out the first ones over the cap before this one can be heard.
                try await eventually("those over the cap are refused") {
                    await bench.drops(.tcpRefused) >= UInt64(TCPConnections.maximumWaitingOfOne * 2)
                }
                babbling.connect(to: TransportAddress("::1", port: relay.port)!)
                babbling.send(raw: [0xFF, 0xFF] + Array(repeating: 7, count: 3000))
                try await eventually("the babbling one is put out") {
                    _ = babbling.receive()
                    return babbling.isEnded
                }
                try await eventually("the idle ones are put out") {
                    for stream in idle { _ = stream.receive() }
                    return idle.allSatisfy(\.isEnded)
                }
                let count = viewer.packets(of: track).count
                try await eventually("video goes on") { viewer.packets(of: track).count >= count + 20 }
                let packets = viewer.packets(of: track)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                }
            }
        }

        @Test func `every description names UDP before TCP, and the addresses of both families`() async throws {
            try await withRelay(configure: Self.bothFamilies) { bench in
                let peer = try await bench.join("peer")
                try await eventually("the offer") { peer.look { $0.offered != nil } }
                let candidates = peer.look { $0.offered!.media[0].candidates }
                #expect(candidates.map(\.transport) == [.udp, .udp, .tcp, .tcp])
                #expect(candidates.map(\.address) == ["127.0.0.1", "::1", "127.0.0.1", "::1"])
                #expect(candidates.map(\.tcpType) == [nil, nil, .passive, .passive])
                #expect(candidates.map(\.priority) == candidates.map(\.priority).sorted(by: >))
                #expect(Set(candidates.map(\.foundation)).count == 4)
            }
        }

        @Test func `a TCP port that somebody has stops the start`() async throws {
            try await withRelay(configure: Self.bothFamilies) { bench in
                let port = bench.relay.tcpPort
                #expect(throws: RelayStartError.self) {
                    try Relay(configuration: RelayConfiguration(udpPort: 0, tcpPort: port, workers: 1))
                }
            }
        }
    }
}
