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
