import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct `First frame` {
        /// How often the publisher of the first track was asked for a keyframe.
        private func asked(_ publisher: TestPeer) -> Int {
            publisher.look { state in state.pictureLosses.values.reduce(0) { $0 + $1.count } }
        }

        @Test func `a late viewer begins with the keyframe that is there, and the publisher hears nothing of it`()
            async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let video = try await publisher.publish(.video)
                try await eventually("frames") { publisher.look { $0.tracks[0].encodings[0].number } > 20 }
                let viewer = try await bench.join("viewer")
                try await eventually("live") { viewer.pictures(of: video).count >= 60 }
                let pictures = viewer.pictures(of: video)
                #expect(pictures.first?.number == 0 && pictures.first?.isKeyframe == true)
                for (picture, next) in zip(pictures, pictures.dropFirst()) {
                    #expect(next.number == picture.number + 1)
                    #expect(next.pictureID == (picture.pictureID! + 1) & 0x7FFF)
                }
                let packets = viewer.packets(of: video)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                    #expect(Int32(bitPattern: next.timestamp &- packet.timestamp) > 0)
                }
                #expect(asked(publisher) == 0)
                let metrics = await bench.relay.metrics()
                #expect(metrics.cachedStarts == 1 && metrics.replayedPackets >= 20)
            }
        }

        @Test func `a hundred viewers make the publisher hear of it once in the life of a keyframe`() async throws {
            try await withRelay(workers: 2) { bench in
                let publisher = try await bench.join("publisher")
                let video = try await publisher.publish(.video)
                try await eventually("frames") { publisher.look { $0.tracks[0].encodings[0].number } > 5 }
                let start = Clock.now()
                var viewers: [TestPeer] = []
                for index in 0..<20 { viewers.append(try await bench.join("viewer \(index)", autoSubscribe: false)) }
                for _ in 0..<5 {
                    for viewer in viewers {
                        let count = viewer.look { $0.subscriber.packets.count }
                        try await bench.relay.setSubscribed(viewer.id, tracks: [video], subscribed: true)
                        try await eventually("video") { viewer.look { $0.subscriber.packets.count } > count }
                        #expect(viewer.look { $0.subscriber.packets[count].picture?.isKeyframe } == true)
                    }
                    for viewer in viewers {
                        try await bench.relay.setSubscribed(viewer.id, tracks: [video], subscribed: false)
                    }
                    for viewer in viewers {
                        try await eventually("the end") { viewer.section(of: video) == nil }
                    }
                }
                let lives = (Clock.now() - start).inSeconds / CatchUp.maximumAge.inSeconds
                #expect(asked(publisher) <= Int(lives.rounded(.up)))
                let starts = await bench.relay.metrics().cachedStarts
                #expect(starts >= 80)
            }
        }

        @Test func `a picture that is lost right after a keyframe is repaired from it`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let video = try await publisher.publish(.video)
                try await eventually("video") { viewer.pictures(of: video).count >= 5 }
                let own = try #require(viewer.ssrc(of: video))
                for _ in 0..<3 {
                    publisher.change(video) { $0.encodings[0].wantsKeyframe = true }
                    let keyframes = viewer.pictures(of: video).count(where: \.isKeyframe)
                    try await eventually("a keyframe") {
                        viewer.pictures(of: video).count(where: \.isKeyframe) > keyframes
                    }
                    let starts = await bench.relay.metrics().cachedStarts
                    let quiet = asked(publisher)
                    // More than once: one that follows another closely is taken for the same.
                    try await eventually("an answer") {
                        viewer.look {
                            $0.subscriber.send(rtcp: [.pictureLossIndication(.init(senderSSRC: 1, mediaSSRC: own))])
                        }
                        return await bench.relay.metrics().cachedStarts > starts || asked(publisher) > quiet
                    }
                    // Said again and again: what was sent for that keyframe did not help.
                    try await eventually("the publisher is asked") {
                        viewer.look {
                            $0.subscriber.send(rtcp: [.pictureLossIndication(.init(senderSSRC: 1, mediaSSRC: own))])
                        }
                        return asked(publisher) > quiet
                    }
                }
                let packets = viewer.packets(of: video)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                    #expect(Int32(bitPattern: next.timestamp &- packet.timestamp) > 0)
                }
            }
        }

        @Test func `nobody begins with a keyframe from before a mute`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let video = try await publisher.publish(.video)
                try await eventually("frames") { publisher.look { $0.tracks[0].encodings[0].number } > 10 }
                publisher.change(video) { $0.answersKeyframeRequests = false }
                try await bench.relay.setMuted(publisher.id, track: video, muted: true)
                let last = publisher.look { $0.tracks[0].encodings[0].number }
                let viewer = try await bench.join("viewer")
                try await eventually("the connection") { viewer.isSubscriberConnected }
                let quiet = asked(publisher)
                try await bench.relay.setMuted(publisher.id, track: video, muted: false)
                try await eventually("the publisher is asked") { asked(publisher) > quiet }
                publisher.change(video) {
                    $0.answersKeyframeRequests = true
                    $0.encodings[0].wantsKeyframe = true
                }
                try await eventually("video") { !viewer.pictures(of: video).isEmpty }
                let first = try #require(viewer.pictures(of: video).first)
                #expect(first.isKeyframe && first.number >= last)
            }
        }
    }
}
