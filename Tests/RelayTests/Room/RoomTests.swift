import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Rooms {
        @Test func `a full room lets nobody else in`() async throws {
            try await withRelay { bench in
                _ = try await bench.relay.createRoom(RoomRequest(name: "room", maxParticipants: 1))
                let first = try await bench.join("first")
                await #expect(throws: RelayError.roomFull) {
                    try await bench.relay.join(
                        JoinRequest(room: "room", identity: "second", permission: .everything))
                }
                // Coming again is not coming in addition.
                _ = try await bench.join("first")
                try await eventually("the first is replaced") { first.leaveReason == .duplicateIdentity }
            }
        }

        @Test func `a deleted room puts everyone out`() async throws {
            try await withRelay { bench in
                let one = try await bench.join("one")
                let two = try await bench.join("two")
                try await bench.relay.deleteRoom("room")
                try await eventually("both are out") {
                    one.leaveReason == .roomDeleted && two.leaveReason == .roomDeleted
                }
                #expect(await bench.relay.rooms(named: []).isEmpty)
                await #expect(throws: RelayError.roomNotFound) { try await bench.relay.deleteRoom("room") }
            }
        }

        @Test func `an empty room closes after its time and is said to have finished`() async throws {
            try await withRelay { bench in
                let events = bench.relay.events()
                _ = try await bench.relay.createRoom(
                    RoomRequest(name: "room", emptyTimeout: 100, departureTimeout: 1))
                let peer = try await bench.join("peer")
                await bench.relay.leave(peer.id, reason: .clientInitiated)
                try await eventually("the room is gone") { await bench.relay.rooms(named: ["room"]).isEmpty }
                var names: [String] = []
                for await event in events {
                    switch event {
                    case .roomStarted: names.append("started")
                    case .roomFinished: names.append("finished")
                    default: continue
                    }
                    if names.last == "finished" { break }
                }
                #expect(names == ["started", "finished"])
            }
        }

        @Test func `what is too large or empty is refused`() async throws {
            try await withRelay { bench in
                let relay = bench.relay
                func join(_ request: JoinRequest) async -> RelayError? {
                    do {
                        _ = try await relay.join(request)
                        return nil
                    } catch { return error }
                }
                let long = String(repeating: "x", count: 257)
                let metadata = String(repeating: "x", count: 65_537)
                #expect(await join(JoinRequest(room: "", identity: "a", permission: .everything)) != nil)
                #expect(await join(JoinRequest(room: "r", identity: "", permission: .everything)) != nil)
                #expect(await join(JoinRequest(room: long, identity: "a", permission: .everything)) != nil)
                #expect(await join(JoinRequest(room: "r", identity: long, permission: .everything)) != nil)
                #expect(
                    await join(JoinRequest(room: "r", identity: "a", metadata: metadata, permission: .everything))
                        != nil)
                #expect(
                    await join(
                        JoinRequest(
                            room: "r", identity: "a", attributes: ["k": metadata], permission: .everything)) != nil)
                #expect(await relay.rooms(named: []).isEmpty)
                let peer = try await bench.join("peer")
                await #expect(throws: RelayError.limitReached("metadata of 65536 bytes")) {
                    try await relay.updateOwn(peer.id, ParticipantUpdate(metadata: metadata))
                }
                await #expect(throws: RelayError.limitReached("metadata of 65536 bytes")) {
                    _ = try await relay.updateRoomMetadata("room", metadata)
                }
            }
        }

        @Test func `shutting down tells everyone, ends all streams and lets nobody in`() async throws {
            try await withRelay { bench in
                let peer = try await bench.join("peer")
                let viewer = try await bench.join("viewer")
                let track = try await peer.publish(.audio)
                try await eventually("audio") { !viewer.packets(of: track).isEmpty }
                await bench.relay.shutdown()
                for peer in [peer, viewer] {
                    try await eventually("the end") { peer.look { $0.hasEnded } }
                    #expect(peer.leaveReason == .serverShutdown)
                }
                await #expect(throws: RelayError.shuttingDown) {
                    try await bench.relay.join(JoinRequest(room: "r", identity: "a", permission: .everything))
                }
                #expect(await bench.relay.metrics().participants == 0)
                for await _ in bench.relay.dataMessages { Issue.record("a message after the end") }
            }
        }

        @Test func `a port that another relay has is refused`() async throws {
            try await withRelay { bench in
                #expect(throws: RelayStartError.self) {
                    try Relay(configuration: RelayConfiguration(udpPort: bench.relay.udpPort, workers: 1))
                }
            }
        }
    }
}
