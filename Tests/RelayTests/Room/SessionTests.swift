import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Sessions {
        /// A publisher with a track, and a viewer who receives it.
        private func watched(
            workers: Int = 1,
            _ body: (RelayBench, _ publisher: TestPeer, _ viewer: TestPeer, TrackID) async throws -> Void
        ) async throws {
            try await withRelay(workers: workers) { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video)
                try await eventually("video") { viewer.packets(of: track).count >= 10 }
                try await body(bench, publisher, viewer, track)
            }
        }

        private func presence(_ bench: RelayBench) async throws -> Set<String> {
            Set(try await bench.relay.participants(in: "room").map(\.identity))
        }

        @Test func `whose signalling is cut stays the same participant, and receives without a gap`() async throws {
            try await watched { bench, publisher, viewer, track in
                await viewer.loseSignalling(ResumeWindow(longest: .seconds(3600), silence: .seconds(3)))
                let ticks = await bench.relay.ticks
                try await eventually("longer than a silent one would stay") { await bench.relay.ticks >= ticks + 5 }
                #expect(try await presence(bench) == ["publisher", "viewer"])
                #expect(publisher.told(of: viewer.id)?.stage == .active)
                let resumed = try await viewer.resume()
                #expect(resumed.participant.id == viewer.id)
                let count = viewer.packets(of: track).count
                try await eventually("more video") { viewer.packets(of: track).count >= count + 20 }
                let packets = viewer.packets(of: track)
                for (packet, next) in zip(packets, packets.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                }
            }
        }

        @Test func `who shows no sign of life goes although the window is long`() async throws {
            try await watched { bench, publisher, viewer, _ in
                viewer.stop()
                await viewer.loseSignalling(ResumeWindow(longest: .seconds(3600), silence: .seconds(2)))
                try await eventually("they are gone") { try await presence(bench) == ["publisher"] }
                #expect(publisher.told(of: viewer.id)?.leaveReason == .signalClosed)
            }
        }

        @Test func `who never comes back goes at the end of the window, alive as their media may be`() async throws {
            try await watched { bench, _, viewer, _ in
                await viewer.loseSignalling(ResumeWindow(longest: .seconds(2), silence: .seconds(3600)))
                try await eventually("they are gone") { try await presence(bench) == ["publisher"] }
            }
        }

        @Test func `without media, or when it was closed, or when they are to go, nobody is waited for`() async throws {
            try await withRelay { bench in
                let keeper = try await bench.join("keeper")
                let silent = try await bench.join("silent", answersOffers: false)
                await silent.loseSignalling(.patient)
                #expect(try await presence(bench) == ["keeper"])
                let closing = try await bench.join("closing")
                // Only who has finished the handshake as well has keys to say goodbye with.
                try await eventually("connected") {
                    keeper.told(of: closing.id)?.stage == .active && closing.isSubscriberConnected
                }
                await closing.loseSignalling(.patient)
                #expect(try await presence(bench) == ["keeper", "closing"])
                closing.look { $0.subscriber.close() }
                try await eventually("the closed one is gone") { try await presence(bench) == ["keeper"] }
                let unwanted = try await bench.join("unwanted")
                try await eventually("connected") { keeper.told(of: unwanted.id)?.stage == .active }
                await unwanted.loseSignalling(nil)
                #expect(try await presence(bench) == ["keeper"])
            }
        }

        @Test func `the end of a signalling connection that was superseded means nothing`() async throws {
            try await watched { bench, _, viewer, _ in
                let first = viewer.look { $0.link }
                // The old connection is half open: it has not ended yet.
                let resumed = try await viewer.resume()
                #expect(resumed.link != first)
                try await eventually("the old one is told") {
                    viewer.events.contains { if case .superseded = $0 { true } else { false } }
                }
                await bench.relay.signalEnded(viewer.id, link: first, reason: .clientInitiated, window: nil)
                #expect(try await presence(bench) == ["publisher", "viewer"])
            }
        }

        @Test func `only the participant themself can be resumed, in their room, while they are there`() async throws {
            try await watched { bench, publisher, viewer, _ in
                for (id, identity, room) in [
                    (viewer.id, "publisher", "room"), (viewer.id, "viewer", "elsewhere"),
                    (ParticipantID("PA_unknown"), "viewer", "room"), (publisher.id, "viewer", "room"),
                ] {
                    await #expect(throws: RelayError.participantNotFound) {
                        _ = try await bench.relay.resume(id, identity: identity, room: room)
                    }
                }
                await viewer.loseSignalling(nil)
                await #expect(throws: RelayError.participantNotFound) { try await viewer.resume() }
            }
        }

        @Test func `who comes back is told what happened, and gets what was published meanwhile`() async throws {
            try await watched { bench, publisher, viewer, first in
                let leaver = try await bench.join("leaver")
                try await eventually("the leaver is seen") { viewer.told(of: leaver.id) != nil }
                await viewer.loseSignalling(.patient)
                await bench.relay.leave(leaver.id, reason: .clientInitiated)
                let newcomer = try await bench.join("newcomer")
                _ = try await bench.relay.updateRoomMetadata("room", "news")
                let second = try await publisher.publish(.audio)
                try await viewer.resume()
                try await eventually("all is told") {
                    viewer.told(of: leaver.id)?.stage == .disconnected && viewer.told(of: newcomer.id) != nil
                        && viewer.told(of: viewer.id) != nil
                        && viewer.told(of: publisher.id)?.tracks.map(\.id) == [first, second]
                        && viewer.events.contains {
                            if case .room(let room) = $0 { room.metadata == "news" } else { false }
                        }
                }
                try await eventually("the new track") { !viewer.packets(of: second).isEmpty }
            }
        }

        @Test func `a publisher who comes back hears of what the server did to their tracks`() async throws {
            try await watched { bench, publisher, viewer, track in
                await publisher.loseSignalling(.patient)
                _ = try await bench.relay.mute(track, of: "publisher", in: "room", muted: true)
                try await publisher.resume()
                try await eventually("muted") {
                    publisher.events.contains { if case .trackMuted(track, true) = $0 { true } else { false } }
                }
                try await bench.relay.sync(
                    publisher.id, ClientState(published: [track, TrackID("TR_forgotten")]))
                try await eventually("what it believes to publish is corrected") {
                    publisher.events.contains {
                        if case .trackUnpublished(TrackID("TR_forgotten")) = $0 { true } else { false }
                    }
                }
                #expect(viewer.told(of: publisher.id)?.tracks.map(\.id) == [track])
            }
        }

        @Test func `subscriptions follow what the client that came back believes`() async throws {
            try await watched { bench, publisher, viewer, video in
                let audio = try await publisher.publish(.audio)
                try await eventually("audio") { !viewer.packets(of: audio).isEmpty }
                try await viewer.resume()
                try await bench.relay.sync(viewer.id, ClientState(exceptions: [video], disabled: [audio]))
                try await eventually("no video section") { viewer.section(of: video) == nil }
                try await bench.relay.sync(
                    viewer.id, ClientState(exceptions: [video], areExceptionsWanted: true))
                try await eventually("video again") { viewer.section(of: video) != nil }
                await #expect(throws: RelayError.limitReached("1024 tracks")) {
                    try await bench.relay.sync(
                        viewer.id, ClientState(disabled: (0...1024).map { TrackID("TR_\($0)") }))
                }
            }
        }

        @Test(arguments: [false, true])
        func `after a resume the viewer's ICE is restarted, wherever it is now, and the keys live on`(
            isMoving: Bool
        ) async throws {
            try await watched(workers: 2) { bench, _, viewer, track in
                let before = viewer.look { $0.subscriber.described }
                viewer.look { $0.movesOnRestart = isMoving }
                // Several times, so that the kernel hands a new address to the other worker as well.
                for _ in 0..<4 {
                    await viewer.loseSignalling(.patient)
                    try await viewer.resume()
                    try await eventually("a restart") {
                        viewer.events.contains { if case .subscriberOffer = $0 { true } else { false } }
                    }
                    let count = viewer.packets(of: track).count
                    try await eventually("video goes on") { viewer.packets(of: track).count >= count + 10 }
                }
                #expect(viewer.look { $0.subscriber.described } != before)
                let packets = viewer.packets(of: track)
                let ssrc = packets.map(\.ssrc)
                #expect(Set(ssrc).count == 1)
            }
        }

        @Test(arguments: [false, true])
        func `a publisher that restarts ICE goes on publishing, wherever it is now`(isMoving: Bool) async throws {
            try await watched(workers: 2) { _, publisher, viewer, track in
                for _ in 0..<4 {
                    let before = publisher.look { $0.publisher.described }
                    publisher.look { $0.publisher.restart(moving: isMoving) }
                    try await publisher.offer()
                    #expect(publisher.look { $0.publisher.described } != before)
                    let count = viewer.packets(of: track).count
                    try await eventually("video goes on") { viewer.packets(of: track).count >= count + 10 }
                }
            }
        }

        @Test func `an offer that was lost with the signalling is made anew`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                try await eventually("connected") { publisher.told(of: viewer.id)?.stage == .active }
                await viewer.loseSignalling(.patient)
                let first = try await publisher.publish(.audio)
                // Unanswered, and more changes behind it.
                let second = try await publisher.publish(.video)
                try await publisher.unpublish(first)
                try await viewer.resume()
                try await eventually("video") { !viewer.packets(of: second).isEmpty }
                #expect(viewer.section(of: first) == nil)
            }
        }

        @Test func `who asked to be cut off on resuming is, as often as LiveKit does it`() async throws {
            try await watched { bench, _, viewer, _ in
                try await bench.relay.simulate(viewer.id, .signalLossOnResume(beforeMessages: true))
                for _ in 0..<3 { #expect(try await viewer.resume().isCutBeforeGreeting) }
                #expect(try await !viewer.resume().isCutBeforeGreeting)
                try await bench.relay.simulate(viewer.id, .signalLossOnResume(beforeMessages: false))
                #expect(try await viewer.resume().isCutAfterGreeting)
                #expect(try await !viewer.resume().isCutAfterGreeting)
            }
        }

        private func offered(_ description: SessionDescription?) -> Set<ICECandidate.Transport> {
            Set(description?.media.flatMap(\.candidates).map(\.transport) ?? [])
        }

        @Test func `who asks for TCP goes on over it, and over UDP again when they ask for that`() async throws {
            try await withRelay(workers: 2, configure: LiveRelay.Ways.bothFamilies) { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let track = try await publisher.publish(.video)
                try await eventually("video") { viewer.packets(of: track).count >= 10 }
                viewer.look { $0.movesOnRestart = true }
                for (preference, path, ways) in [
                    (ICEPreference.tcp, PeerPath.tcp, [ICECandidate.Transport.tcp] as Set),
                    (.any, .udp, [.udp, .tcp]), (.relay, .udp, [.udp, .tcp]),
                ] {
                    let before = viewer.look { state in
                        state.subscriber.path = path
                        return state.subscriber.described
                    }
                    try await bench.relay.simulate(viewer.id, .candidates(preference))
                    try await eventually("a restart") { viewer.look { $0.subscriber.described } != before }
                    #expect(offered(viewer.look { $0.offered }) == ways)
                    #expect(offered(try await viewer.offer()) == ways)
                    let count = viewer.packets(of: track).count
                    try await eventually("video goes on") { viewer.packets(of: track).count >= count + 10 }
                }
                // Of nobody else.
                #expect(offered(publisher.look { $0.offered }) == [.udp, .tcp])
                #expect(Set(viewer.packets(of: track).map(\.ssrc)).count == 1)
            }
        }

        @Test func `what somebody asked for is what they get on joining anew, and when their signalling resumes`()
            async throws
        {
            try await withRelay(configure: LiveRelay.Ways.bothFamilies) { bench in
                let publisher = try await bench.join("publisher")
                let track = try await publisher.publish(.video)
                let first = try await bench.join("viewer")
                #expect(first.joined.icePreference == .any)
                try await bench.relay.simulate(first.id, .candidates(.tcp))
                let second = try await bench.join("viewer", path: .tcp)
                #expect(second.joined.icePreference == .tcp)
                try await eventually("video") { second.packets(of: track).count >= 10 }
                #expect(offered(second.look { $0.offered }) == [.tcp])
                #expect(offered(try await second.offer()) == [.tcp])
                let resumed = try await second.resume()
                #expect(resumed.icePreference == .tcp)
                let count = second.packets(of: track).count
                try await eventually("video goes on") { second.packets(of: track).count >= count + 10 }
                try await bench.relay.simulate(second.id, .candidates(.relay))
                let third = try await bench.join("viewer")
                #expect(third.joined.icePreference == .relay)
                try await bench.relay.simulate(third.id, .candidates(.any))
                let fourth = try await bench.join("viewer")
                #expect(fourth.joined.icePreference == .any)
                // It was remembered of nobody else.
                #expect(try await bench.join("another").joined.icePreference == .any)
            }
        }

        @Test func `without TCP there is no way but UDP, whatever is asked for`() async throws {
            try await watched { bench, _, viewer, track in
                try await bench.relay.simulate(viewer.id, .candidates(.tcp))
                #expect(offered(try await viewer.offer()) == [.udp])
                let count = viewer.packets(of: track).count
                try await eventually("video goes on") { viewer.packets(of: track).count >= count + 10 }
            }
        }

        @Test func `a simulated speaker is told of, and then no more`() async throws {
            try await watched { bench, publisher, viewer, _ in
                func told() -> [Bool] {
                    publisher.events.compactMap {
                        if case .speakers(let all) = $0 {
                            all.first { $0.participant == viewer.id }?.isActive
                        } else {
                            nil
                        }
                    }
                }
                try await bench.relay.simulate(viewer.id, .speaking(.seconds(1)))
                try await eventually("both are told") { told() == [true, false] }
            }
        }
    }
}
