import Signal
import Testing

@testable import GoLive

/// SplitMix64: the same numbers for the same seed.
struct ChatRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite struct ChatRulesTests {
    static let everySetting: [ChatSettings] = [true, false].flatMap { enabled in
        [true, false].flatMap { followers in
            [true, false].map { guests in
                ChatSettings(isEnabled: enabled, isFollowersOnly: followers, isOpenToGuests: guests)
            }
        }
    }
    static let everyPerson: [ChatPerson] = [
        .host, .guest, .user(isFollowing: true, isBlocked: false), .user(isFollowing: false, isBlocked: false),
        .user(isFollowing: true, isBlocked: true), .user(isFollowing: false, isBlocked: true),
    ]

    @Test(arguments: everySetting, everyPerson)
    func `a person may chat exactly when every rule lets them`(settings: ChatSettings, person: ChatPerson) {
        for guestsMayChat in [true, false] {
            for timeout: Int64? in [nil, 999, 1000, 1001] {
                let rules = ChatRules(settings: settings, guestsMayChat: guestsMayChat)
                let (isFollower, isBlocked, isGuest) =
                    switch person {
                    case .host: (true, false, false)
                    case .guest: (false, false, true)
                    case .user(let isFollowing, let isBlocked): (isFollowing, isBlocked, false)
                    }
                let isFree =
                    settings.isEnabled && !isBlocked && (timeout ?? 0) <= 1000
                    && (!isGuest || (guestsMayChat && settings.isOpenToGuests))
                    && (!settings.isFollowersOnly || isFollower)
                #expect(
                    (rules.objection(to: person, timeout: timeout, at: 1000) == nil) == (person == .host || isFree))
            }
        }
    }

    @Test func `a refusal says what keeps one from chatting`() {
        let open = ChatRules(settings: ChatSettings(), guestsMayChat: true)
        let closed = ChatRules(settings: ChatSettings(isEnabled: false), guestsMayChat: true)
        let noGuests = ChatRules(settings: ChatSettings(), guestsMayChat: false)
        let followers = ChatRules(settings: ChatSettings(isFollowersOnly: true), guestsMayChat: true)
        let user = ChatPerson.user(isFollowing: false, isBlocked: false)
        #expect(open.objection(to: user, timeout: 61_001, at: 1000) == .timedOut(remaining: 60_001))
        #expect(ChatObjection.timedOut(remaining: 60_001).refusal.retryAfter == 61)
        #expect(closed.objection(to: user, timeout: nil, at: 0) == .chatDisabled)
        #expect(noGuests.objection(to: .guest, timeout: nil, at: 0) == .guestsNotAllowed)
        #expect(followers.objection(to: .guest, timeout: nil, at: 0) == .followersOnly)
        #expect(followers.objection(to: user, timeout: nil, at: 0) == .followersOnly)
        #expect(open.objection(to: .user(isFollowing: true, isBlocked: true), timeout: nil, at: 0) == .blocked)
    }

    @Test func `the host is who has the host's identity, on the air or watching`() {
        #expect(ChatPerson.isHost("h", hostID: "h") && ChatPerson.isHost("Host-h", hostID: "h"))
        #expect(!ChatPerson.isHost("guest-h", hostID: "h") && !ChatPerson.isHost("Host-h2", hostID: "h"))
    }
}

@Suite struct ChatTextTests {
    @Test(arguments: UInt64(0)..<300)
    func `a text of 1 to 500 scalars is taken, whatever white space is around it`(seed: UInt64) {
        var random = ChatRandom(state: seed)
        let length = [0, 1, 499, 500, 501, Int.random(in: 1...700, using: &random)].randomElement(using: &random)!
        let body = String((0..<length).map { _ in "aé→<&".randomElement(using: &random)! })
        let around = String(repeating: " ", count: Int.random(in: 0...700, using: &random)) + "\n"
        let taken = try? ChatText.judge(around + body + around)
        #expect(taken == ((1...500).contains(body.unicodeScalars.count) ? body : nil), "seed \(seed)")
    }

    @Test func `length is counted in scalars, not in what looks like one character`() {
        let family = "👨‍👩‍👧‍👦"
        #expect(throws: ChatObjection.tooLong) {
            try ChatText.judge(String(repeating: family, count: 500 / family.unicodeScalars.count + 1))
        }
    }

    @Test(arguments: (0..<0x20).map { UInt8($0) } + [0x7F])
    func `line feeds are the only control characters`(byte: UInt8) {
        let text = "a\(Character(Unicode.Scalar(byte)))b"
        #expect(((try? ChatText.judge(text)) != nil) == (byte == 0x0A))
    }

    @Test func `markup is text like any other`() throws {
        #expect(try ChatText.judge("<script>alert(1)</script>") == "<script>alert(1)</script>")
    }
}

@Suite struct ChatPaceTests {
    @Test(arguments: UInt64(0)..<300)
    func `at most five messages in any five seconds, with the slow mode between any two`(seed: UInt64) {
        var random = ChatRandom(state: seed)
        let slowMode = [0, 0, 1, 3, 10].randomElement(using: &random)!
        var pace = ChatPace()
        var accepted: [Int64] = []
        var now: Int64 = 1_000_000
        for _ in 0..<200 {
            now += Int64.random(in: 0...[100, 1500, 6000].randomElement(using: &random)!, using: &random)
            let recent = accepted.count { $0 > now - 5000 }
            let isAllowed = recent < 5 && now - (accepted.last ?? .min / 2) >= Int64(slowMode) * 1000
            switch pace.take(slowMode: slowMode, at: now) {
            case nil:
                #expect(isAllowed, "seed \(seed)")
                accepted.append(now)
            case .slowMode(let remaining), .tooFast(let remaining):
                #expect(!isAllowed, "seed \(seed)")
                #expect(remaining > 0)
                var later = pace
                if case .slowMode = later.take(slowMode: slowMode, at: now + remaining) {
                    Issue.record("still too soon after the stated wait: seed \(seed)")
                }
            case let other: Issue.record("\(String(describing: other))")
            }
        }
    }

    @Test func `a clock that is set back makes nobody wait for ever`() {
        var pace = ChatPace()
        for _ in 0..<5 { #expect(pace.take(slowMode: 0, at: 1_000_000) == nil) }
        #expect(pace.take(slowMode: 60, at: 1000) == nil)
    }

    @Test func `packets of any kind pass at fifty a second`() {
        var pace = DataPace()
        var passed = 0
        for millisecond in 0..<10_000 where pace.take(at: Int64(millisecond)) { passed += 1 }
        #expect((500...551).contains(passed))
    }
}

@Suite struct ChatGateTests {
    @Test func `the host is bound by length alone`() throws {
        var gate = ChatGate(
            rules: ChatRules(
                settings: ChatSettings(isEnabled: false, isFollowersOnly: true, slowModeSeconds: 60),
                guestsMayChat: false))
        for _ in 0..<20 { #expect(try gate.judge("hi", of: "h", .host, timeout: nil, at: 0) == "hi") }
        #expect(throws: ChatObjection.tooLong) {
            try gate.judge(String(repeating: "x", count: 501), of: "h", .host, timeout: nil, at: 0)
        }
    }

    @Test func `what is refused does not count, and each identity has a pace of its own`() throws {
        var gate = ChatGate(rules: ChatRules(settings: ChatSettings(slowModeSeconds: 10), guestsMayChat: true))
        #expect(throws: ChatObjection.empty) { try gate.judge(" ", of: "guest-1", .guest, timeout: nil, at: 0) }
        #expect(try gate.judge("a", of: "guest-1", .guest, timeout: nil, at: 0) == "a")
        #expect(throws: ChatObjection.slowMode(remaining: 4000)) {
            try gate.judge("b", of: "guest-1", .guest, timeout: nil, at: 6000)
        }
        #expect(try gate.judge("b", of: "guest-2", .guest, timeout: nil, at: 6000) == "b")
        #expect(try gate.judge("b", of: "guest-1", .guest, timeout: nil, at: 10_000) == "b")
    }
}

@Suite struct RecentValuesTests {
    @Test(arguments: UInt64(0)..<50)
    func `never more than the capacity, and what was just used stays`(seed: UInt64) {
        var random = ChatRandom(state: seed)
        var values = RecentValues<Int, Int>(capacity: 16)
        for step in 0..<500 {
            let key = Int.random(in: 0..<64, using: &random)
            values[key] = step
            #expect(values[key] == step)
            #expect(values.count <= 16)
        }
    }
}
