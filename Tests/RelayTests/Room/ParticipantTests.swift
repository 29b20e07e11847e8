import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Participants {
        @Test func `a track that ends leaves an inactive section, which the next track of its kind takes`() async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let first = try await publisher.publish(.video)
                try await eventually("video") { !viewer.packets(of: first).isEmpty }
                let mid = try #require(viewer.section(of: first)?.mid)
                let ssrc = try #require(viewer.ssrc(of: first))
                try await publisher.unpublish(first)
                try await eventually("the inactive section") {
                    viewer.look { $0.offered?.media(mid: mid)?.direction } == .inactive
                }
                try await eventually("the news") { viewer.told(of: publisher.id)?.tracks.isEmpty == true }
                let second = try await publisher.publish(.video)
                try await eventually("the second track") { !viewer.packets(of: second).isEmpty }
                #expect(viewer.section(of: second)?.mid == mid)
                #expect(viewer.ssrc(of: second) != ssrc)
                #expect(viewer.look { $0.offered?.media.count } == 2)
            }
        }

        @Test func `a publisher who leaves is seen to leave, and their sections become inactive`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.audio)
                try await eventually("audio") { !viewer.packets(of: track).isEmpty }
                await bench.relay.leave(publisher.id, reason: .clientInitiated)
                try await eventually("the news") { viewer.told(of: publisher.id)?.stage == .disconnected }
                #expect(viewer.told(of: publisher.id)?.leaveReason == .clientInitiated)
                try await eventually("the inactive section") {
                    viewer.look { $0.offered?.media.last?.direction } == .inactive
                }
                try await eventually("the publisher's stream ends") { publisher.look { $0.hasEnded } }
                #expect(publisher.leaveReason == .clientInitiated)
                let metrics = await bench.relay.metrics()
                #expect(metrics.participants == 1)
                #expect(metrics.subscriptions == 0)
                #expect(await bench.relay.transportCount == 2)
            }
        }

        @Test func `a participant turns active when media is up, and mutes are seen`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.audio)
                try await eventually("active") { viewer.told(of: publisher.id)?.stage == .active }
                try await bench.relay.setMuted(publisher.id, track: track, muted: true)
                try await eventually("muted") { viewer.told(of: publisher.id)?.tracks.first?.isMuted == true }
                _ = try await bench.relay.mute(track, of: "publisher", in: "room", muted: false)
                try await eventually("unmuted") { viewer.told(of: publisher.id)?.tracks.first?.isMuted == false }
                try await eventually("the publisher is told") {
                    publisher.events.contains {
                        if case .trackMuted(track, false) = $0 { true } else { false }
                    }
                }
            }
        }

        @Test(arguments: [TrackKind.audio, .video])
        func `what is sent for a muted track is not heard or seen, and no loss shows`(kind: TrackKind) async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(kind)
                func full() -> Int { viewer.packets(of: track).count { !$0.payload.isEmpty } }
                try await eventually("media") { full() >= 5 }
                _ = try await bench.relay.mute(track, of: "publisher", in: "room", muted: true)
                try await eventually("numbers without content") {
                    publisher.look { $0.tracks[0].encodings[0].number } >= 20
                }
                let before = full()
                let sent = publisher.look { $0.tracks[0].encodings[0].number }
                try await eventually("more is sent") {
                    publisher.look { $0.tracks[0].encodings[0].number } >= sent + 10
                }
                #expect(full() == before)
                _ = try await bench.relay.mute(track, of: "publisher", in: "room", muted: false)
                try await eventually("media again") { full() >= before + 5 }
                let packets = viewer.packets(of: track)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                }
            }
        }

        @Test func `without permission nothing is announced, and media that was not announced goes nowhere`()
            async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher", permission: Permission(canSubscribe: true))
                let viewer = try await bench.join("viewer")
                await #expect(throws: RelayError.notPermitted("publish camera")) {
                    try await bench.relay.addTrack(
                        publisher.id, TrackRequest(clientID: "x", kind: .video, source: .camera))
                }
                publisher.look {
                    $0.tracks.append(TestTrack(.video, clientID: "x", mid: "m0", rids: [""], firstSSRC: 1000))
                }
                let answer = try await publisher.offer()
                #expect(answer.media.map(\.direction) == [.sendrecv, .inactive])
                try await eventually("the packets are dropped") { await bench.drops(.unknownStream) >= 5 }
                #expect(viewer.look { $0.subscriber.packets.isEmpty })
                #expect(viewer.told(of: publisher.id)?.tracks.isEmpty == true)
            }
        }

        @Test func `only the sources that are allowed are published`() async throws {
            try await withRelay { bench in
                let permission = Permission(canPublish: true, publishSources: [.microphone])
                let publisher = try await bench.join("publisher", permission: permission)
                await #expect(throws: RelayError.notPermitted("publish camera")) {
                    try await bench.relay.addTrack(
                        publisher.id, TrackRequest(clientID: "x", kind: .video, source: .camera))
                }
                try await publisher.publish(.audio, source: .microphone)
            }
        }

        @Test func `who may not subscribe gets nothing until they may`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer", permission: Permission(canPublish: true))
                let track = try await publisher.publish(.audio)
                try await eventually("the viewer is connected") { viewer.isSubscriberConnected }
                #expect(viewer.look { $0.offered?.media.count } == 1)
                await #expect(throws: RelayError.notPermitted("subscribe")) {
                    try await bench.relay.setSubscribed(viewer.id, tracks: [track], subscribed: true)
                }
                _ = try await bench.relay.update("viewer", in: "room", ParticipantUpdate(permission: .everything))
                try await eventually("audio") { !viewer.packets(of: track).isEmpty }
                _ = try await bench.relay.update(
                    "viewer", in: "room", ParticipantUpdate(permission: Permission(canPublish: true)))
                try await eventually("no section") { viewer.section(of: track) == nil }
            }
        }

        @Test func `a permission that is taken ends what it allowed`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.audio)
                try await eventually("audio") { !viewer.packets(of: track).isEmpty }
                _ = try await bench.relay.update(
                    "publisher", in: "room", ParticipantUpdate(permission: Permission(canSubscribe: true)))
                try await eventually("the publisher is told") {
                    publisher.events.contains { if case .trackUnpublished(track) = $0 { true } else { false } }
                }
                try await eventually("the viewer is told") {
                    viewer.told(of: publisher.id)?.tracks.isEmpty == true && viewer.section(of: track) == nil
                }
            }
        }

        @Test func `a subscription rule lets only those it names have a track`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let friend = try await bench.join("friend")
                let stranger = try await bench.join("stranger")
                let track = try await publisher.publish(.audio)
                try await eventually("audio") {
                    !friend.packets(of: track).isEmpty && !stranger.packets(of: track).isEmpty
                }
                try await bench.relay.setSubscriptionRule(
                    publisher.id,
                    SubscriptionRule(everyone: false, grants: [.init(identity: "friend", allTracks: true)]))
                try await eventually("the stranger is told") {
                    stranger.events.contains {
                        if case .subscriptionPermission(_, track, false) = $0 { true } else { false }
                    } && stranger.section(of: track) == nil
                }
                #expect(friend.section(of: track) != nil)
                #expect(
                    !friend.events.contains { if case .subscriptionPermission = $0 { true } else { false } })
                try await bench.relay.setSubscriptionRule(publisher.id, SubscriptionRule(everyone: true))
                try await eventually("audio again") { !stranger.packets(of: track).isEmpty }
            }
        }

        @Test func `a second participant of one identity puts the first one out`() async throws {
            try await withRelay { bench in
                let first = try await bench.join("same")
                let other = try await bench.join("other")
                let second = try await bench.join("same")
                try await eventually("the first is out") { first.leaveReason == .duplicateIdentity }
                try await eventually("the other sees both") {
                    other.told(of: first.id)?.stage == .disconnected && other.told(of: second.id) != nil
                }
                #expect(try await bench.relay.participants(in: "room").count == 2)
            }
        }

        @Test func `who does not read what they are told is put out before it has piled up`() async throws {
            try await withRelay { bench in
                let peer = try await bench.join("peer")
                let silent = try await bench.relay.join(
                    JoinRequest(room: "room", identity: "silent", permission: .everything))
                for index in 0...ParticipantEvents.capacity {
                    try await bench.relay.updateOwn(peer.id, ParticipantUpdate(metadata: "\(index)"))
                }
                try await eventually("they are gone") {
                    try await bench.relay.participants(in: "room").map(\.identity) == ["peer"]
                }
                var count = 0
                for await _ in silent.events { count += 1 }
                #expect(count == ParticipantEvents.capacity)
                try await eventually("the others are told") {
                    peer.told(of: silent.participant.id)?.leaveReason == .signalClosed
                }
            }
        }

        @Test func `who speaks is told to the room, and silence too`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.audio)
                func told() -> Speaker? {
                    viewer.events.reversed().lazy.compactMap {
                        if case .speakers(let speakers) = $0 { speakers.first } else { nil }
                    }.first
                }
                try await eventually("speaking") { told()?.isActive == true }
                #expect(told()!.participant == publisher.id && told()!.level > 0)
                publisher.change(track) { $0.level = 127 }
                try await eventually("silent") { told()?.isActive == false }
            }
        }

        @Test func `the packets of many tracks that came and went do not use up the sources of a connection`()
            async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                for _ in 0..<13 {
                    let track = try await publisher.publish(.video, rids: Layers.rids)
                    publisher.change(track) { $0.packetsToDrop = 1 }
                    try await eventually("video") { !viewer.packets(of: track).isEmpty }
                    // With a retransmission each, six sources a track.
                    publisher.look { state in state.sendAgainEverything() }
                    try await publisher.unpublish(track)
                }
            }
        }
    }
}

extension Relay {
    fileprivate var transportCount: Int { byTransport.count }
}
