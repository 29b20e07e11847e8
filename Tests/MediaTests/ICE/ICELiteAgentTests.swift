import Media
import Testing

@Suite struct ICELiteAgentTests {
    let server = ICECredentials(ufrag: "srvUfrag", password: "server password 12345678")
    let start = Instant(nanoseconds: 1_000_000_000)
    let wifi = TransportAddress(ipv4: (192, 0, 2, 1), port: 1000)
    let mobile = TransportAddress(ipv4: (198, 51, 100, 1), port: 2000)

    private func agent(remoteUfrag: String? = "cliUfrag") -> ICELiteAgent {
        ICELiteAgent(local: server, remoteUfrag: remoteUfrag, now: start)
    }

    /// A check of a full agent, to be spoiled by `change`.
    private func check(
        nominating: Bool = false, username: String? = "srvUfrag:cliUfrag", password: String? = nil,
        change: (inout STUNMessage) -> Void = { _ in }
    ) -> [UInt8] {
        var request = STUNMessage(.request, transactionID: STUNTransactionID(high: 7, low: 8))
        request.username = username
        request.priority = 1
        request.useCandidate = nominating
        request.iceControlling = 99
        change(&request)
        return request.serialize(integrityPassword: password ?? server.password)
    }

    @Test func `a valid check is answered with integrity and the mapped address`() throws {
        var agent = agent()
        let datagram = check()
        guard case .response(let bytes, let event) = agent.receive(datagram.span.bytes, from: wifi, now: start) else {
            Issue.record("dropped")
            return
        }
        let response = try STUNMessage(parsing: bytes.span.bytes)
        #expect(response.class == .success)
        #expect(response.transactionID == STUNTransactionID(high: 7, low: 8))
        #expect(response.xorMappedAddress == wifi)
        #expect(response.verifyIntegrity(password: server.password))
        #expect(response.verifyFingerprint())
        #expect(event == .pathProvisional(wifi))
        #expect(agent.selected == wifi && !agent.isNominated && agent.isVerified(wifi) && !agent.isVerified(mobile))
    }

    @Test func `what cannot prove the password is never answered`() {
        var agent = agent()
        let wrongPrefix = check(username: "srvUfra:cliUfrag")
        var badFingerprint = check()
        badFingerprint[badFingerprint.count - 1] ^= 1
        let noIntegrity = STUNMessage(.request, transactionID: STUNTransactionID(high: 1, low: 1))
        var named = noIntegrity
        named.username = "srvUfrag:cliUfrag"
        let cases: [([UInt8], ICELiteDropReason)] = [
            (check(password: "another password"), .badIntegrity),
            (named.serialize(integrityPassword: nil), .badIntegrity),
            (noIntegrity.serialize(integrityPassword: server.password), .wrongUsername),
            (wrongPrefix, .wrongUsername),
            (check(username: "srvUfrag:other"), .wrongUsername),
            (check(username: "srvUfrag"), .wrongUsername),
            (check(username: "cliUfrag:srvUfrag"), .wrongUsername),
            (badFingerprint, .badFingerprint),
            (check { $0.class = .indication }, .notRequest),
            (check { $0.class = .success }, .notRequest),
            ([0, 1, 2], .malformed),
        ]
        for (datagram, reason) in cases {
            #expect(agent.receive(datagram.span.bytes, from: wifi, now: start + .seconds(1)) == .dropped(reason))
        }
        #expect(agent.selected == nil)
        #expect(agent.verifiedAddresses == [])
        #expect(agent.consentExpires == start + .seconds(30))
    }

    @Test func `any peer fragment is taken until one is known`() {
        var agent = agent(remoteUfrag: nil)
        let datagram = check(username: "srvUfrag:whoever")
        #expect(event(&agent, datagram, wifi, start) == .pathProvisional(wifi))
        agent.remoteUfrag = "cliUfrag"
        #expect(agent.receive(datagram.span.bytes, from: wifi, now: start) == .dropped(.wrongUsername))
    }

    @Test func `a controlled peer is told of the role conflict`() throws {
        var agent = agent()
        let datagram = check {
            $0.iceControlling = nil
            $0.iceControlled = 5
        }
        let response = try refusal(&agent, datagram)
        #expect(response.errorCode == .roleConflict)
        #expect(agent.selected == nil)
    }

    @Test func `an attribute that must be understood is refused by its number`() throws {
        var agent = agent()
        // A MESSAGE-INTEGRITY over USERNAME and an attribute of type 0x7ABC, made by hand.
        var request = STUNMessage(.request, transactionID: STUNTransactionID(high: 7, low: 8))
        request.username = "srvUfrag:cliUfrag"
        request.unknownAttributes = [0]
        var datagram = request.serialize(integrityPassword: nil)
        let index = try #require((20..<datagram.count).first { datagram[$0...].starts(with: [0, 0x0A, 0, 2]) })
        datagram[index] = 0x7A
        datagram[index + 1] = 0xBC
        datagram.removeLast(8)
        datagram = STUNIntegrity.sign(datagram, password: server.password)
        let response = try refusal(&agent, datagram)
        #expect(response.errorCode == .unknownAttribute)
        #expect(response.unknownAttributes == [0x7ABC])
        #expect(agent.selected == nil)
    }

    private func refusal(_ agent: inout ICELiteAgent, _ datagram: [UInt8]) throws -> STUNMessage {
        guard case .response(let bytes, nil) = agent.receive(datagram.span.bytes, from: wifi, now: start) else {
            throw ParseError.malformed("outcome")
        }
        let response = try STUNMessage(parsing: bytes.span.bytes)
        #expect(response.class == .failure)
        #expect(response.verifyIntegrity(password: server.password))
        return response
    }

    private func event(
        _ agent: inout ICELiteAgent, _ datagram: [UInt8], _ source: TransportAddress, _ now: Instant
    ) -> ICELiteEvent? {
        guard case .response(_, let event) = agent.receive(datagram.span.bytes, from: source, now: now) else {
            Issue.record("dropped")
            return nil
        }
        return event
    }

    @Test func `the nominated address is selected and announced once`() {
        var agent = agent()
        #expect(event(&agent, check(), wifi, start) == .pathProvisional(wifi))
        #expect(event(&agent, check(), mobile, start) == nil)
        #expect(event(&agent, check(nominating: true), wifi, start) == .pathNominated(wifi))
        #expect(event(&agent, check(nominating: true), wifi, start) == nil)
        #expect(event(&agent, check(), wifi, start) == nil)
        #expect(agent.selected == wifi && agent.isNominated)
    }

    @Test func `a peer that moves and nominates is followed at once`() {
        var agent = agent()
        _ = event(&agent, check(nominating: true), wifi, start)
        #expect(event(&agent, check(nominating: true), mobile, start + .seconds(1)) == .pathNominated(mobile))
        #expect(agent.selected == mobile)
        #expect(agent.isVerified(wifi))
    }

    @Test func `a silent address loses to one that keeps checking`() {
        var agent = agent()
        _ = event(&agent, check(nominating: true), wifi, start)
        #expect(event(&agent, check(), mobile, start + .seconds(8)) == nil)
        #expect(agent.selected == wifi)
        let late = start + .seconds(8) + .nanoseconds(1)
        #expect(event(&agent, check(), mobile, late) == .pathNominated(mobile))
        #expect(agent.selected == mobile)
    }

    @Test func `an address that keeps checking keeps its place`() {
        var agent = agent()
        _ = event(&agent, check(nominating: true), wifi, start)
        for second in 1...60 {
            let now = start + .seconds(second)
            if second % 6 == 0 { #expect(event(&agent, check(), wifi, now) == nil) }
            #expect(event(&agent, check(), mobile, now) == nil)
        }
        #expect(agent.selected == wifi)
    }

    @Test func `a session has at most eight addresses and drops the longest silent, never the selected`() {
        var agent = agent()
        _ = event(&agent, check(nominating: true), wifi, start)
        let others = (0..<100).map { TransportAddress(ipv4: 0x0A00_0000 + UInt32($0), port: 1) }
        for (index, address) in others.enumerated() {
            _ = event(&agent, check(), address, start + .milliseconds(index))
        }
        #expect(Set(agent.verifiedAddresses) == Set(others.suffix(7) + [wifi]))
        #expect(agent.selected == wifi)
    }

    @Test func `consent is lost once, thirty seconds after the last valid check`() {
        var agent = agent()
        #expect(agent.advance(to: start + .milliseconds(29_999)) == nil)
        _ = event(&agent, check(), wifi, start + .seconds(29))
        let bad = check(password: "wrong")
        _ = agent.receive(bad.span.bytes, from: wifi, now: start + .seconds(50))
        #expect(agent.consentExpires == start + .seconds(59))
        #expect(agent.advance(to: start + .seconds(58)) == nil)
        #expect(agent.advance(to: start + .seconds(59)) == .consentLost)
        #expect(agent.advance(to: start + .seconds(60)) == nil)
        _ = event(&agent, check(), wifi, start + .seconds(70))
        #expect(agent.advance(to: start + .seconds(99)) == nil)
        #expect(agent.advance(to: start + .seconds(100)) == .consentLost)
    }

    @Test func `a path that ended is left for the one that was checked last`() {
        var agent = agent()
        let stream = wifi.over(tcpConnection: 1)
        _ = event(&agent, check(), wifi, start)
        _ = event(&agent, check(nominating: true), stream, start + .seconds(1))
        #expect(agent.selected == stream)
        agent.forget(stream)
        #expect(agent.selected == wifi && !agent.isVerified(stream))
        agent.forget(mobile)
        #expect(agent.selected == wifi)
        agent.forget(wifi)
        #expect(agent.selected == nil && agent.verifiedAddresses.isEmpty)
        #expect(event(&agent, check(), mobile, start + .seconds(2)) == .pathProvisional(mobile))
    }

    private let fresh = ICECredentials(ufrag: "newUfrag", password: "a new password 123456789")

    private func restarted(keepsFormer: Bool = true) -> ICELiteAgent {
        var agent = agent()
        _ = event(&agent, check(nominating: true), wifi, start)
        agent.restart(local: fresh, remoteUfrag: "newPeer", keepsFormer: keepsFormer)
        return agent
    }

    @Test func `after a restart the old path is kept and answered until the peer nominates with the new credentials`()
        throws
    {
        var agent = restarted()
        #expect(agent.selected == wifi)
        let old = check()
        guard case .response(let bytes, nil) = agent.receive(old.span.bytes, from: wifi, now: start) else {
            Issue.record("the peer that has not learnt of the restart is not answered")
            return
        }
        #expect(try STUNMessage(parsing: bytes.span.bytes).verifyIntegrity(password: server.password))
        let new = check(nominating: true, username: "newUfrag:newPeer", password: fresh.password)
        #expect(event(&agent, new, wifi, start) == .pathNominated(wifi))
        #expect(agent.receive(old.span.bytes, from: wifi, now: start) == .dropped(.wrongUsername))
    }

    @Test func `the first check after a restart is followed, and the old path has no say then`() {
        var agent = restarted()
        let new = check(username: "newUfrag:newPeer", password: fresh.password)
        #expect(event(&agent, new, mobile, start) == .pathProvisional(mobile))
        #expect(agent.selected == mobile)
        #expect(event(&agent, check(nominating: true), wifi, start) == nil)
        #expect(agent.selected == mobile && agent.isVerified(wifi))
    }

    @Test func `before the first check after a restart the peer may still move with the old credentials`() {
        var agent = restarted()
        #expect(event(&agent, check(nominating: true), mobile, start) == .pathNominated(mobile))
    }

    @Test func `a peer that is to leave its path gets media there, but no answer, until it checks another`() {
        var agent = restarted(keepsFormer: false)
        #expect(agent.receive(check().span.bytes, from: wifi, now: start) == .dropped(.wrongUsername))
        #expect(agent.selected == wifi && agent.isVerified(wifi))
        let new = check(username: "newUfrag:newPeer", password: fresh.password)
        #expect(event(&agent, new, mobile, start) == .pathProvisional(mobile))
        #expect(agent.selected == mobile)
    }

    @Test func `names and passwords of two restarts do not mix, and the one before the last is forgotten`() {
        var agent = restarted()
        let mixed = check(username: "newUfrag:newPeer", password: server.password)
        #expect(agent.receive(mixed.span.bytes, from: wifi, now: start) == .dropped(.badIntegrity))
        let crossed = check(username: "newUfrag:cliUfrag", password: fresh.password)
        #expect(agent.receive(crossed.span.bytes, from: wifi, now: start) == .dropped(.wrongUsername))
        let third = ICECredentials(ufrag: "third", password: "the third password 12345")
        agent.restart(local: third, remoteUfrag: nil)
        let first = check()
        #expect(agent.receive(first.span.bytes, from: wifi, now: start) == .dropped(.wrongUsername))
    }

    @Test func `no cut or mutated datagram traps or is answered`() {
        var generator = ICESplitMix(seed: 5)
        let original = check(nominating: true)
        var agent = agent()
        for length in 0..<original.count {
            let cut = Array(original[..<length])
            #expect(agent.receive(cut.span.bytes, from: wifi, now: start) == .dropped(.malformed))
        }
        for _ in 0..<5000 {
            var bytes = original
            // FINGERPRINT, the last eight bytes, may be missing and is not covered by the integrity.
            bytes[Int.random(in: 0..<bytes.count - 8, using: &generator)] ^= .random(in: 1...255, using: &generator)
            guard case .dropped = agent.receive(bytes.span.bytes, from: wifi, now: start) else {
                Issue.record("answered a mutated request")
                return
            }
        }
        #expect(agent.selected == nil)
    }
}
