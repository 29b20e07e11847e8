import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Layers {
        static let rids = ["q", "h", "f"]
        static let layers = [
            TrackState.Layer(quality: .low, width: 320, height: 180, bitrate: 150_000),
            TrackState.Layer(quality: .medium, width: 640, height: 360, bitrate: 500_000),
            TrackState.Layer(quality: .high, width: 1280, height: 720, bitrate: 1_700_000),
        ]

        /// The numbers of the layers that the viewer got from its `index`th packet on, without repetitions.
        static func layers(_ viewer: TestPeer, _ track: TrackID, from index: Int = 0) -> [UInt8] {
            viewer.pictures(of: track).dropFirst(index).reduce(into: []) { list, picture in
                if list.last != picture.layer { list.append(picture.layer) }
            }
        }

        @Test func `the wanted quality is sent, and a change of layer begins with a keyframe without a gap`()
            async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video, rids: Self.rids, layers: Self.layers)
                try await eventually("the highest layer") { viewer.pictures(of: track).last?.layer == 2 }
                try await bench.relay.setTrackSettings(viewer.id, tracks: [track], TrackSettings(quality: .low))
                try await eventually("the lowest layer") { viewer.pictures(of: track).last?.layer == 0 }
                try await bench.relay.setTrackSettings(viewer.id, tracks: [track], TrackSettings(quality: .medium))
                try await eventually("the middle layer") { viewer.pictures(of: track).last?.layer == 1 }
                let packets = viewer.packets(of: track)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                    if next.picture!.layer != packet.picture!.layer { #expect(next.picture!.isKeyframe) }
                }
            }
        }

        @Test func `the smallest layer that fills the viewer's size is sent`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video, rids: Self.rids, layers: Self.layers)
                try await eventually("video") { !viewer.pictures(of: track).isEmpty }
                for (width, height, layer) in [(300, 170, UInt8(0)), (400, 300, 1), (641, 361, 2), (5000, 5000, 2)] {
                    try await bench.relay.setTrackSettings(
                        viewer.id, tracks: [track], TrackSettings(width: width, height: height))
                    try await eventually("layer \(layer) for \(width)×\(height)") {
                        viewer.pictures(of: track).last?.layer == layer
                    }
                }
            }
        }

        @Test func `a layer that stops is replaced by a lower one until it comes back`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video, rids: Self.rids, layers: Self.layers)
                try await eventually("the highest layer") { viewer.pictures(of: track).last?.layer == 2 }
                publisher.change(track) { $0.encodings[2].isLive = false }
                try await eventually("the middle layer") { viewer.pictures(of: track).last?.layer == 1 }
                publisher.change(track) { $0.encodings[2].isLive = true }
                try await eventually("the highest layer again") { viewer.pictures(of: track).last?.layer == 2 }
            }
        }

        @Test func `a disabled track is not sent, and goes on with a keyframe`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video)
                try await eventually("video") { viewer.pictures(of: track).count >= 5 }
                try await bench.relay.setTrackSettings(viewer.id, tracks: [track], TrackSettings(isDisabled: true))
                var count = 0
                try await eventually("ten frames are sent and none arrives") {
                    count = viewer.pictures(of: track).count
                    let sent = publisher.look { $0.tracks[0].encodings[0].number }
                    try await eventually("more frames are sent") {
                        publisher.look { $0.tracks[0].encodings[0].number } >= sent + 10
                    }
                    return viewer.pictures(of: track).count == count
                }
                try await bench.relay.setTrackSettings(viewer.id, tracks: [track], TrackSettings())
                try await eventually("video again") { viewer.pictures(of: track).count > count }
                #expect(viewer.pictures(of: track)[count].isKeyframe)
            }
        }

        @Test func `ten viewers who lost the picture make the publisher hear of it once`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                var viewers: [TestPeer] = []
                for index in 0..<10 { viewers.append(try await bench.join("viewer \(index)")) }
                let track = try await publisher.publish(.video)
                let ssrc = publisher.look { $0.tracks[0].encodings[0].ssrc }
                for viewer in viewers {
                    try await eventually("video") { viewer.pictures(of: track).count >= 5 }
                }
                publisher.change(track) { $0.answersKeyframeRequests = false }
                let before = Clock.now()
                // A gate that was used before may hold the first request back for half a second.
                try await Task.sleep(for: .milliseconds(600))
                let quiet = publisher.look { $0.pictureLosses[ssrc, default: []].count }
                for viewer in viewers {
                    let own = try #require(viewer.ssrc(of: track))
                    viewer.look {
                        $0.subscriber.send(rtcp: [.pictureLossIndication(.init(senderSSRC: 1, mediaSSRC: own))])
                    }
                }
                try await eventually("requests") {
                    publisher.look { $0.pictureLosses[ssrc, default: []].count } >= quiet + 2
                }
                let times = publisher.look { $0.pictureLosses[ssrc, default: []] }.filter { $0 > before }
                for (time, next) in zip(times, times.dropFirst()) { #expect(next - time > .milliseconds(400)) }
                let asked = await bench.relay.metrics().plisReceived
                #expect(asked >= 10)
            }
        }

        @Test func `a viewer who comes late has a picture at once`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let track = try await publisher.publish(.video)
                try await eventually("frames") { publisher.look { $0.tracks[0].encodings[0].number } > 10 }
                // The viewer's connection is up and idle before there is anything to watch.
                let viewer = try await bench.join("viewer", autoSubscribe: false)
                try await eventually("the connection") { viewer.isSubscriberConnected }
                for _ in 0..<3 {
                    // Past the publisher's gate, and at no fixed distance from the idle connection's timer.
                    try await Task.sleep(for: .milliseconds(650))
                    let start = Clock.now()
                    let count = viewer.look { $0.subscriber.packets.count }
                    try await bench.relay.setSubscribed(viewer.id, tracks: [track], subscribed: true)
                    try await eventually("video") { viewer.look { $0.subscriber.packets.count } > count }
                    #expect(Clock.now() - start < .milliseconds(400))
                    try await bench.relay.setSubscribed(viewer.id, tracks: [track], subscribed: false)
                    try await eventually("the end") { viewer.section(of: track) == nil }
                }
            }
        }

        @Test func `a publisher is told which layers anyone watches, and of more at once`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video, rids: Self.rids, layers: Self.layers)
                func told() -> [[VideoQuality: Bool]] {
                    publisher.events.compactMap { event in
                        if case .subscribedQuality(track, let qualities) = event { qualities } else { nil }
                    }
                }
                try await eventually("the highest layer") { viewer.pictures(of: track).last?.layer == 2 }
                #expect(told().isEmpty)
                try await bench.relay.setTrackSettings(
                    viewer.id, tracks: [track], TrackSettings(width: 300, height: 170))
                try await eventually("what nobody watches is named") {
                    told().last == [.low: true, .medium: false, .high: false]
                }
                try await bench.relay.setTrackSettings(viewer.id, tracks: [track], TrackSettings(quality: .medium))
                try await eventually("what is watched again is named") {
                    told().last == [.low: true, .medium: true, .high: false]
                }
                let other = try await bench.join("other")
                try await eventually("a newcomer wants the best") {
                    told().last == [.low: true, .medium: true, .high: true]
                }
                await bench.relay.leave(other.id, reason: .clientInitiated)
                await bench.relay.leave(viewer.id, reason: .clientInitiated)
                try await eventually("with nobody there the lowest is left") {
                    told().last == [.low: true, .medium: false, .high: false]
                }
            }
        }
    }
}
