import Testing

@testable import Signal

@Suite struct RevocationsTests {
    let now: Int64 = 1_700_000_000

    func grant(_ identity: String = "bob", room: String = "r", issuedAt: Int64?, fingerprint: String = "f") -> Grant {
        Grant(
            identity: identity, room: room, roomJoin: true, expiresAt: now + 1000, issuedAt: issuedAt,
            fingerprint: fingerprint)
    }

    @Test func `tokens issued until the removal are barred, newer ones are not`() async {
        let revocations = Revocations()
        #expect(await revocations.admits(grant(issuedAt: now - 5), at: now))
        await revocations.revoke("bob", in: "r", at: now)
        #expect(await !revocations.admits(grant(issuedAt: now - 5), at: now + 1))
        #expect(await !revocations.admits(grant(issuedAt: now), at: now + 1))
        #expect(await revocations.admits(grant(issuedAt: now + 1), at: now + 1))
    }

    @Test func `only that identity in that room is barred`() async {
        let revocations = Revocations()
        await revocations.revoke("bob", in: "r", at: now)
        #expect(await revocations.admits(grant("carol", issuedAt: now - 5), at: now))
        #expect(await revocations.admits(grant(room: "other", issuedAt: now - 5), at: now))
    }

    @Test func `an undated token that came in before the removal is known again`() async {
        let revocations = Revocations()
        #expect(await revocations.admits(grant(issuedAt: nil, fingerprint: "old"), at: now))
        await revocations.revoke("bob", in: "r", at: now)
        #expect(await !revocations.admits(grant(issuedAt: nil, fingerprint: "old"), at: now + 1))
        #expect(await revocations.admits(grant(issuedAt: nil, fingerprint: "new"), at: now + 1))
        #expect(await !revocations.admits(grant(issuedAt: nil, fingerprint: "old"), at: now + 1))
    }

    @Test func `an entry is forgotten when no such token can live any more`() async {
        let revocations = Revocations()
        await revocations.revoke("bob", in: "r", at: now)
        #expect(await revocations.admits(grant(issuedAt: now - 5), at: now + Revocations.shortestMemory))
    }

    @Test func `the oldest of too many entries is forgotten and the newest kept`() async {
        let revocations = Revocations(capacity: 10)
        for number in 0..<100 { await revocations.revoke("p\(number)", in: "r", at: now) }
        #expect(await revocations.admits(grant("p0", issuedAt: now - 5), at: now))
        #expect(await !revocations.admits(grant("p99", issuedAt: now - 5), at: now))
    }

    @Test func `one token takes the place of all earlier ones, within one second too`() async throws {
        let revocations = Revocations()
        let first = try #require(await revocations.supersede("bob", in: "r", at: now))
        let second = try #require(await revocations.supersede("bob", in: "r", at: now))
        #expect(first > now && second > first)
        for time in [now - 5, now, first] {
            #expect(await !revocations.admits(grant(issuedAt: time), at: now))
        }
        #expect(await revocations.admits(grant(issuedAt: second), at: now))
        // A removal in that second bars it as well, and does not take back what was barred.
        await revocations.revoke("bob", in: "r", at: now)
        #expect(await !revocations.admits(grant(issuedAt: second), at: now))
    }

    @Test func `a token after a removal is put after it, and others are dated now`() async {
        let revocations = Revocations()
        #expect(await revocations.issueTime(for: "bob", in: "r", at: now) == now)
        await revocations.revoke("bob", in: "r", at: now)
        let time = await revocations.issueTime(for: "bob", in: "r", at: now)
        #expect(time == now + 1)
        #expect(await revocations.admits(grant(issuedAt: time), at: now))
        #expect(await revocations.issueTime(for: "bob", in: "r", at: now + 9) == now + 9)
        #expect(await revocations.issueTime(for: "carol", in: "r", at: now) == now)
    }

    @Test func `no token is dated further ahead than its reader's leeway`() async {
        let revocations = Revocations()
        var newest = now
        while let time = await revocations.supersede("bob", in: "r", at: now) { newest = time }
        #expect(newest == now + AccessTokens.leeway)
        #expect(await revocations.supersede("bob", in: "r", at: now + 1) != nil)
    }
}
