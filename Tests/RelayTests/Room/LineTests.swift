import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Lines {
        @Test func `everything that a viewer gets carries one unbroken row of transport-wide numbers`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let video = try await publisher.publish(.video)
                let audio = try await publisher.publish(.audio)
                try await eventually("both") {
                    viewer.packets(of: video).count >= 30 && viewer.packets(of: audio).count >= 30
                }
                let numbers = viewer.look { state in
                    state.subscriber.packets.compactMap { packet -> UInt16? in
                        guard let value = packet.extensions[CanonicalExtension.transportWideCC], value.count == 2
                        else { return nil }
                        return UInt16(value[0]) << 8 | UInt16(value[1])
                    }
                }
                let total = viewer.look { $0.subscriber.packets.count }
                #expect(numbers.count >= total - 1)
                #expect(Set(numbers).count == numbers.count)
                #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
            }
        }

        @Test func `a viewer begins with the small picture, and has the best one when the line is known`() async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let video = try await publisher.publish(.video, rids: Layers.rids, layers: Layers.layers)
                try await eventually("frames") { publisher.look { $0.tracks[0].encodings[2].number } > 10 }
                let asked = publisher.look { $0.pictureLosses.count }
                let viewer = try await bench.join("viewer")
                let line = ReportedLine(rate: 100_000_000)
                try await eventually("the best picture") {
                    line.report(viewer)
                    return viewer.pictures(of: video).last?.layer == 2
                }
                #expect(Layers.layers(viewer, video) == [0, 2])
                #expect(publisher.look { $0.pictureLosses.count } == asked)
                let packets = viewer.packets(of: video)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                    #expect(Int32(bitPattern: next.timestamp &- packet.timestamp) > 0)
                }
            }
        }

        @Test func `a viewer who says that their line is narrow is sent what fits it, until they take that back`()
            async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let video = try await publisher.publish(.video)
                try await publisher.publish(.audio)
                try await eventually("video") { viewer.pictures(of: video).count >= 50 }
                func states() -> [Bool] {
                    viewer.events.flatMap { event -> [Bool] in
                        guard case .streamState(let states) = event else { return [] }
                        return states.map(\.isPaused)
                    }
                }
                try await bench.relay.simulate(viewer.id, .bandwidth(21_000))
                try await eventually("the video is paused") { states() == [true] }
                try await bench.relay.simulate(viewer.id, .bandwidth(.max))
                try await eventually("the video goes on") { states() == [true, false] }
                // Less than a line can be said to carry.
                try await bench.relay.simulate(viewer.id, .bandwidth(.min))
                try await eventually("the video is paused again") { states() == [true, false, true] }
                try await bench.relay.simulate(viewer.id, .bandwidth(nil))
                try await eventually("the video goes on again") { states() == [true, false, true, false] }
                let pictures = viewer.pictures(of: video).count
                try await eventually("with pictures") { viewer.pictures(of: video).count > pictures + 5 }
            }
        }

        @Test func `a line that carries only sound pauses the video, says so, and gives it back`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let healthy = try await bench.join("healthy")
                let video = try await publisher.publish(.video)
                let audio = try await publisher.publish(.audio)
                try await eventually("both") {
                    viewer.pictures(of: video).count >= 50 && viewer.packets(of: audio).count >= 50
                }
                func states() -> [Bool] {
                    viewer.events.flatMap { event -> [Bool] in
                        guard case .streamState(let states) = event else { return [] }
                        return states.filter { $0.track == video }.map(\.isPaused)
                    }
                }
                func say(_ bitrate: UInt64) {
                    viewer.look {
                        $0.subscriber.send(rtcp: [.remb(REMB(senderSSRC: 1, bitrate: bitrate, ssrcs: []))])
                    }
                }
                try await eventually("the video is paused") {
                    say(21_000)
                    return states() == [true]
                }
                let pictures = viewer.pictures(of: video).count
                let sounds = viewer.packets(of: audio).count
                let others = healthy.pictures(of: video).count
                try await eventually("sound goes on, and so does the other viewer") {
                    viewer.packets(of: audio).count >= sounds + 30
                        && healthy.pictures(of: video).count >= others + 30
                }
                #expect(viewer.pictures(of: video).count <= pictures + 1)
                #expect(await bench.relay.metrics().pausedTracks == 1)
                try await eventually("the video goes on") {
                    say(8_000_000)
                    return states() == [true, false]
                }
                try await eventually("with a keyframe") { viewer.pictures(of: video).count > pictures + 5 }
                let told = healthy.events.contains { if case .streamState = $0 { true } else { false } }
                #expect(!told)
            }
        }
    }
}

/// Reports what a viewer got as if it had come over a line of this rate, in bits a second, on a clock of its own.
private final class ReportedLine {
    private let rate: Int
    private var builder = TransportFeedbackBuilder(senderSSRC: 1, mediaSSRC: 2)
    private var count = 0
    /// When the last packet came over the line.
    private var arrival = Instant(nanoseconds: 0)

    init(rate: Int) {
        self.rate = rate
    }

    func report(_ viewer: TestPeer) {
        let packets = viewer.look { Array($0.subscriber.packets.dropFirst(count)) }
        arrival = max(arrival, Clock.now() + .seconds(1000))
        for packet in packets {
            arrival = arrival + .nanoseconds(Int64(packet.payload.count + 80) * 8_000_000_000 / Int64(rate))
            guard let value = packet.extensions[CanonicalExtension.transportWideCC], value.count == 2 else { continue }
            builder.record(transportSequence: UInt16(value[0]) << 8 | UInt16(value[1]), arrival: arrival)
        }
        count += packets.count
        while let feedback = builder.poll(arrival + .seconds(1)) {
            viewer.look { $0.subscriber.send(rtcp: [.transportFeedback(feedback)]) }
        }
    }
}
