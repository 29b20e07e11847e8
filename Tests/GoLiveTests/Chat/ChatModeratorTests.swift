import Foundation
import Testing

@testable import GoLive
@testable import Relay
@testable import Signal

@Suite struct ChatModeratorTests {
    @Test(arguments: TestDatabase.allCases)
    func `what is delivered is in the history before`(kind: TestDatabase) async throws {
        try await withChat(kind) { bench in
            let guest = try await bench.join("guest-1", name: "Ann")
            #expect(try await guest.say("  hello <b>  ", id: "m1") == .deliver)
            let found = try await bench.store.chatMessages(hostID: bench.host.id, before: nil, limit: 9)
            #expect(found.map(\.message.text) == ["hello <b>"])
            #expect(found[0].message.id == "m1" && found[0].message.name == "Ann" && found[0].message.userID == nil)
        }
    }

    @Test func `only rooms of hosts are governed`() async throws {
        try await withChat { bench in
            let other = try await bench.store.addUser("other")
            #expect(await bench.moderator.governs(bench.host.id))
            #expect(await bench.moderator.governs("studio") == false)
            #expect(await bench.moderator.governs(other.id) == false)
            try await bench.store.addStream(of: other)
            await bench.moderator.rulesChanged(ChatSettings(), hostID: other.id)
            #expect(await bench.moderator.governs(other.id))
        }
    }

    @Test func `a rule change reaches everyone's permission at once, and the judgement`() async throws {
        try await withChat { bench in
            let seats = [
                try await bench.join("guest-1"), try await bench.join(try await bench.store.addUser("ann").id),
                try await bench.join(bench.host.id), try await bench.join("Host-" + bench.host.id),
            ]
            await bench.moderator.rulesChanged(ChatSettings(isEnabled: false), hostID: bench.host.id)
            var allowed: [Bool] = []
            for seat in seats { allowed.append(try await seat.state.permission.canPublishData) }
            #expect(allowed == [false, false, true, true])
            try await chatEventually("the guest is told") { seats[0].isAllowed == false && seats[1].isAllowed == false }
            #expect(try await seats[0].say("hi").code == "chat_disabled")
            #expect(try await seats[2].say("hi") == .deliver)
            #expect(try await seats[0].state.permission.canSubscribe)
            await bench.moderator.rulesChanged(ChatSettings(isOpenToGuests: false), hostID: bench.host.id)
            #expect(try await seats[0].say("hi").code == "guests_not_allowed")
            #expect(try await seats[1].say("hi") == .deliver)
        }
    }

    @Test func `a follow opens a followers' chat at once, and the end of it closes it`() async throws {
        try await withChat(chat: ChatSettings(isFollowersOnly: true)) { bench in
            let fan = try await bench.store.addUser("fan")
            #expect(try await bench.moderator.mayChat(fan.id, userID: fan.id, hostID: bench.host.id) == false)
            let seat = try await bench.join(fan.id, mayChat: false)
            #expect(try await seat.say("hi").code == "followers_only")
            try await bench.follow(fan)
            await bench.moderator.rightsChanged(of: fan.id, hostID: bench.host.id)
            #expect(try await bench.moderator.mayChat(fan.id, userID: fan.id, hostID: bench.host.id))
            #expect(try await seat.state.permission.canPublishData)
            #expect(try await seat.say("hi") == .deliver)
            try await bench.store.write { try $0.run("DELETE FROM follows") }
            await bench.moderator.rightsChanged(of: fan.id, hostID: bench.host.id)
            #expect(try await seat.say("hi").code == "followers_only")
        }
    }

    @Test func `whoever comes in with an old token gets the permission of now`() async throws {
        try await withChat(chat: ChatSettings(isFollowersOnly: true)) { bench in
            let fan = try await bench.store.addUser("fan")
            try await bench.follow(fan)
            let seats = [
                try await bench.join(fan.id, mayChat: false), try await bench.join("guest-1"),
                try await bench.join("someone else's"),
            ]
            for seat in seats { try await bench.arrive(seat) }
            try await chatEventually("everyone is told") { seats.map(\.isAllowed) == [true, false, false] }
        }
    }

    @Test func `the operator's word on guests goes before the host's`() async throws {
        try await withChat(configure: { $0.guestsMayChat = false }) { bench in
            #expect(try await bench.moderator.mayChat("guest-1", userID: nil, hostID: bench.host.id) == false)
            let guest = try await bench.join("guest-1")
            #expect(try await guest.say("hi").code == "guests_not_allowed")
        }
    }

    @Test func `a timeout takes the right at once and gives it back by itself`() async throws {
        try await withChat { bench in
            let guest = try await bench.join("guest-1")
            let start = WallClock.now()
            _ = try await bench.moderator.setTimeout(of: "guest-1", hostID: bench.host.id, seconds: 60)
            #expect(try await guest.state.permission.canPublishData == false)
            let verdict = try await guest.say("hi")
            #expect(verdict.code == "timed_out")
            if case .refuse(let refusal) = verdict {
                let passed = Int((WallClock.now() - start) / 1000)
                #expect((59 - passed...60).contains(refusal.retryAfter ?? 0))
            }
            #expect(try await bench.moderator.setTimeout(of: "guest-1", hostID: bench.host.id, seconds: 0) == nil)
            #expect(try await guest.say("hi") == .deliver)
            // Long enough not to be over before a busy machine has told of it.
            _ = try await bench.moderator.setTimeout(of: "guest-1", hostID: bench.host.id, seconds: 5)
            try await chatEventually("the right is back") { guest.changes == [false, true, false, true] }
            #expect(try await guest.say("hi again") == .deliver)
        }
    }

    @Test func `a message that is told twice is judged and kept once, and delivered in both forms`() async throws {
        try await withChat(chat: ChatSettings(slowModeSeconds: 60)) { bench in
            let guest = try await bench.join("guest-1")
            let both = [
                RoomSubmission.chat(try await guest.submission("hi", id: "m", form: .textStream)),
                .chat(try await guest.submission("hi", id: "m", form: .userPacket)),
            ]
            #expect(await bench.moderator.judge(bench.host.id, both) == [.deliver, .deliver])
            #expect(try await guest.say("hi", id: "m", form: .chatMessage) == .deliver)
            #expect(try await guest.say("hi", id: "m", form: .chatMessage).code == "duplicate")
            #expect(try await bench.history() == ["hi"])
            // Refused once, told why once.
            #expect(try await guest.say("more", id: "n", form: .textStream).code == "slow_mode")
            #expect(try await guest.say("more", id: "n", form: .userPacket) == .drop)
        }
    }

    @Test func `another text under a known id is no second form`() async throws {
        try await withChat { bench in
            let (guest, thief) = (try await bench.join("guest-1"), try await bench.join("guest-2"))
            #expect(try await guest.say("hi", id: "m") == .deliver)
            #expect(try await guest.say("something else", id: "m", form: .userPacket).code == "duplicate")
            #expect(try await thief.say("stolen", id: "m").code == "duplicate")
            #expect(try await bench.history() == ["hi"])
        }
    }

    @Test func `edits and deletions are of one's own messages`() async throws {
        try await withChat { bench in
            let (guest, other) = (try await bench.join("guest-1"), try await bench.join("guest-2"))
            let host = try await bench.join(bench.host.id)
            _ = try await guest.say("one", id: "m")
            #expect(try await other.say("forged", id: "m", intent: .edit).code == "not_yours")
            #expect(try await other.say("", id: "m", intent: .deletion).code == "not_yours")
            #expect(try await guest.say("two", id: "m", intent: .edit) == .deliver)
            #expect(try await bench.history() == ["two"])
            // Everyone is told by the server itself.
            #expect(try await host.say("", id: "m", intent: .deletion) == .drop)
            #expect(try await bench.history() == [])
        }
    }

    @Test func `a delayed chat holds everyone's messages but the host's`() async throws {
        try await withChat(chat: ChatSettings(isDelayed: true), configure: { $0.chatDelay = .seconds(7) }) { bench in
            let (guest, host) = (try await bench.join("guest-1"), try await bench.join("Host-" + bench.host.id))
            let chats = [
                try await guest.submission("kept", id: "a"), try await guest.submission("deleted", id: "b"),
                try await guest.submission("kept", id: "a", form: .userPacket),
                try await guest.submission("deleted", id: "b", form: .userPacket),
            ]
            let verdicts = await bench.moderator.judge(bench.host.id, chats.map { .chat($0) })
            #expect(verdicts == chats.map { _ in .hold(.seconds(7)) })
            #expect(try await host.say("at once") == .deliver)
            #expect(try await bench.history() == ["at once"])
            #expect(try await bench.moderator.delete("b", hostID: bench.host.id))
            #expect(await bench.moderator.release(bench.host.id, chats) == [.deliver, .drop, .deliver, .drop])
            #expect(try await bench.history() == ["kept", "at once"])
        }
    }

    @Test func `a rule change holds for what is held, and nothing overtakes it`() async throws {
        try await withChat(chat: ChatSettings(isDelayed: true)) { bench in
            let (guest, other) = (try await bench.join("guest-1"), try await bench.join("guest-2"))
            let first = try await guest.submission("first", id: "a")
            let second = try await other.submission("second", id: "b")
            _ = await bench.moderator.judge(bench.host.id, [.chat(first), .chat(second)])
            await bench.moderator.rulesChanged(ChatSettings(), hostID: bench.host.id)
            #expect(try await guest.say("third") == .hold(.zero))
            _ = try await bench.moderator.setTimeout(of: "guest-2", hostID: bench.host.id, seconds: 60)
            let verdicts = await bench.moderator.release(bench.host.id, [first, second])
            #expect(verdicts[0] == .deliver)
            #expect(verdicts[1].code == "timed_out")
            #expect(try await bench.history() == ["first"])
        }
    }

    @Test func `private messages obey the rules and are nobody else's history`() async throws {
        try await withChat { bench in
            let guest = try await bench.join("guest-1")
            #expect(try await guest.say("psst", isPrivate: true) == .deliver)
            #expect(try await guest.say(" ", isPrivate: true).code == "empty")
            #expect(try await bench.history() == [])
        }
    }

    @Test func `data that is no chat passes for those who may chat, at a limited rate; the host is free`() async throws
    {
        try await withChat { bench in
            let (guest, host) = (try await bench.join("guest-1"), try await bench.join(bench.host.id))
            let packets = Array(repeating: RoomSubmission.data(sender: try await guest.state, bytes: 10), count: 80)
            let verdicts = await bench.moderator.judge(bench.host.id, packets)
            #expect(verdicts.count { $0 == .deliver } == 50 && verdicts.last == .drop)
            let own = Array(repeating: RoomSubmission.data(sender: try await host.state, bytes: 10), count: 80)
            #expect(await bench.moderator.judge(bench.host.id, own).allSatisfy { $0 == .deliver })
            await bench.moderator.rulesChanged(ChatSettings(isEnabled: false), hostID: bench.host.id)
            let mute = try await bench.join("guest-2")
            #expect(
                await bench.moderator.judge(bench.host.id, [.data(sender: try await mute.state, bytes: 1)]) == [.drop])
        }
    }

    @Test func `without the store nothing is said, and everyone is told`() async throws {
        try await withChat { bench in
            let guest = try await bench.join("guest-1")
            #expect(try await guest.say("hi", id: "m") == .deliver)
            try await bench.store.write { try $0.run("ALTER TABLE chat_messages RENAME TO gone") }
            #expect(try await guest.say("lost", id: "n").code == "unavailable")
            try await bench.store.write { try $0.run("ALTER TABLE gone RENAME TO chat_messages") }
            #expect(try await guest.say("lost", id: "n") == .deliver)
        }
    }
}
