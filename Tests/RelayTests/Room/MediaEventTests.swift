import Media
import Testing

@testable import Relay

/// What the application is told of media: when it flows, and every way in which it goes.
extension LiveRelay {
    @Suite struct MediaEvents {
        /// Names of events and the tracks they are about, in order.
        actor Log {
            private(set) var lines: [String] = []

            init(_ events: AsyncStream<RelayEvent>) {
                Task { for await event in events { await self.add(event) } }
            }

            private func add(_ event: RelayEvent) {
                switch event {
                case .mediaStarted(_, _, let track): lines.append("started \(track.id)")
                case .mediaStopped(_, _, let track): lines.append("stopped \(track.id)")
                case .trackPublished(_, _, let track): lines.append("published \(track.id)")
                case .trackUnpublished(_, _, let track): lines.append("unpublished \(track.id)")
                case .participantLeft(_, let participant): lines.append("left \(participant.identity)")
                default: break
                }
            }

            func count(_ line: String) -> Int { lines.count { $0 == line } }
        }

        @Test func `media starts with the first packet, stops when packets cease, and starts again`() async throws {
            try await withRelay { bench in
                let log = Log(bench.relay.events())
                let publisher = try await bench.join("publisher")
                let track = try await publisher.publish(.video)
                try await eventually("started") { await log.count("started \(track)") == 1 }
                #expect(await log.lines == ["published \(track)", "started \(track)"])
                publisher.change(track) { $0.isSending = false }
                try await eventually("stopped") { await log.count("stopped \(track)") == 1 }
                publisher.change(track) { $0.isSending = true }
                try await eventually("started again") { await log.count("started \(track)") == 2 }
                #expect(await log.count("stopped \(track)") == 1)
            }
        }

        @Test func `a muted track is not gone, whether it is silent or not, until it is unmuted and nothing comes`()
            async throws
        {
            try await withRelay { bench in
                let log = Log(bench.relay.events())
                let publisher = try await bench.join("publisher")
                let muted = try await publisher.publish(.video)
                let open = try await publisher.publish(.audio)
                try await eventually("both started") {
                    let both = await (log.count("started \(muted)"), log.count("started \(open)"))
                    return both == (1, 1)
                }
                try await bench.relay.setMuted(publisher.id, track: muted, muted: true)
                publisher.change(open) { $0.isSending = false }
                try await eventually("the other stopped") { await log.count("stopped \(open)") == 1 }
                publisher.change(muted) { $0.isSending = false }
                let ticks = await bench.relay.ticks
                try await eventually("longer than the pause") { await bench.relay.ticks >= ticks + 4 }
                #expect(await log.count("stopped \(muted)") == 0)
                try await bench.relay.setMuted(publisher.id, track: muted, muted: false)
                try await eventually("stopped") { await log.count("stopped \(muted)") == 1 }
                try await bench.relay.setMuted(publisher.id, track: muted, muted: true)
                try await eventually("there again") { await log.count("started \(muted)") == 2 }
            }
        }

        enum Ending: CaseIterable {
            case signalClosed, consentLost, removed, duplicate, roomDeleted
        }

        @Test(arguments: Ending.allCases)
        func `however a publisher goes, their tracks go and then they do, once`(ending: Ending) async throws {
            try await withRelay { bench in
                let relay = bench.relay
                let log = Log(relay.events())
                let publisher = try await bench.join("publisher")
                let track = try await publisher.publish(.audio)
                try await eventually("started") { await log.count("started \(track)") == 1 }
                switch ending {
                case .signalClosed: await relay.leave(publisher.id, reason: .signalClosed)
                case .consentLost: await relay.loseConsent(of: publisher.id)
                case .removed: try await relay.remove("publisher", from: "room", reason: .participantRemoved)
                case .duplicate: _ = try await bench.join("publisher")
                case .roomDeleted: try await relay.deleteRoom("room")
                }
                try await eventually("they left") { await log.count("left publisher") == 1 }
                #expect(await log.lines.suffix(2) == ["unpublished \(track)", "left publisher"])
            }
        }

        @Test func `a publisher who closes their connection keeps their seat but not their tracks`() async throws {
            try await withRelay { bench in
                let log = Log(bench.relay.events())
                let publisher = try await bench.join("publisher")
                let track = try await publisher.publish(.audio)
                try await eventually("started") { await log.count("started \(track)") == 1 }
                publisher.look { $0.publisher.close() }
                try await eventually("unpublished") { await log.count("unpublished \(track)") == 1 }
                #expect(await log.count("left publisher") == 0)
            }
        }
    }
}

extension Relay {
    /// As a worker reports it half a minute after the last check.
    fileprivate func loseConsent(of id: ParticipantID) {
        if let participant = participants[id] { handle(.ended(participant.publisher, .consentLost)) }
    }
}
