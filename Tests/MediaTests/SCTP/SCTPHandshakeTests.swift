@testable import Media
import Testing

@Suite struct SCTPHandshakeTests {
    @Test(arguments: [true, false], 0...20 as ClosedRange<UInt64>)
    func `both sides connect on a bad network`(isSimultaneous: Bool, seed: UInt64) {
        var link = SCTPLink(
            fault: .init(loss: seed == 0 ? 0 : 0.3, duplication: 0.2, jitter: 100), seed: seed,
            roles: (.active, isSimultaneous ? .active : .passive))
        link.run(for: .seconds(60)) { $0.events.allSatisfy { $0.contains(.connected) } }
        #expect(link.events.allSatisfy { $0.filter { $0 == .connected }.count == 1 })
        link.run(for: .seconds(5))
        let id = link.open()
        #expect(link.hasOpened(id))
        #expect(link.events.allSatisfy { $0.filter { $0 == .connected }.count == 1 })
    }

    @Test(arguments: ["INIT", "INIT ACK", "COOKIE ECHO", "COOKIE ACK"])
    func `a lost handshake packet is repeated`(name: String) {
        var link = SCTPLink()
        var dropped = 0
        link.wire = []
        link.drops = { _, packet in
            let isVictim =
                switch packet.chunks[0] {
                case .initiate: name == "INIT"
                case .initiateAck: name == "INIT ACK"
                case .cookieEcho: name == "COOKIE ECHO"
                case .cookieAck: name == "COOKIE ACK"
                default: false
                }
            if isVictim { dropped += 1 }
            return isVictim && dropped <= 2
        }
        link.connect()
        #expect(dropped >= 2)
        #expect(link.a.isConnected && link.b.isConnected)
    }

    @Test func `a peer that never answers times out`() {
        var link = SCTPLink(fault: .init(loss: 1))
        link.run(for: .seconds(120))
        #expect(link.events[0] == [.closed(.timedOut)])
        #expect(link.events[1] == [])
        #expect(link.a.nextTimeout == nil)
    }

    @Test func `a peer that goes silent is noticed, with data in flight or without`() throws {
        for sends in [true, false] {
            var link = SCTPLink()
            let id = link.open()
            link.fault.loss = 1
            if sends { try link.a.send([1], isText: true, on: id, now: link.now) }
            link.run(for: .seconds(200))
            #expect(link.events[0].last == .closed(.timedOut))
            #expect(link.events[1].last == .closed(.timedOut))
        }
    }

    @Test func `an idle association stays`() {
        var link = SCTPLink()
        link.connect()
        link.run(for: .seconds(3600))
        #expect(link.events == [[.connected], [.connected]])
    }

    @Test func `an INIT without streams is aborted`() throws {
        var link = SCTPLink()
        link.wire = []
        let initiation = SCTPInitiation(
            tag: 77, window: 100_000, outgoingStreams: 0, incomingStreams: 5, initialTSN: 1)
        let packet = SCTPPacket(
            sourcePort: 5000, destinationPort: 5000, verificationTag: 0, chunks: [.initiate(initiation)])
        link.b.receive(packet.serialize().span.bytes, now: link.now)
        let polled = link.b.pollPacket(now: link.now)
        let bytes = try #require(polled)
        let answer = try SCTPPacket(parsing: bytes.span.bytes)
        #expect(answer.verificationTag == 77)
        #expect(answer.chunks == [.abort(reflectsTag: false, causes: [SCTPParameter(type: 7, value: [])])])
        #expect(!link.b.isConnected)
    }

    @Test func `unknown parameters are reported as their type says`() throws {
        var link = SCTPLink()
        link.wire = []
        let initiation = SCTPInitiation(
            tag: 77, window: 100_000, outgoingStreams: 5, incomingStreams: 5, initialTSN: 1,
            parameters: [
                SCTPParameter(type: 0x8001, value: [0, 0, 0, 1]), SCTPParameter(type: 0xC0FE, value: [1, 2, 3]),
                SCTPParameter(type: 0x40FE, value: []), SCTPParameter(type: 0xC000, value: []),
            ])
        let packet = SCTPPacket(
            sourcePort: 5000, destinationPort: 5000, verificationTag: 0, chunks: [.initiate(initiation)])
        link.b.receive(packet.serialize().span.bytes, now: link.now)
        let polled = link.b.pollPacket(now: link.now)
        let bytes = try #require(polled)
        let answer = try SCTPPacket(parsing: bytes.span.bytes)
        guard case .initiateAck(let ack) = answer.chunks[0] else { throw ParseError.malformed("not an INIT ACK") }
        let reports = ack.parameters.filter { $0.type == 8 }.map(\.value)
        #expect(reports == [[0xC0, 0xFE, 0, 7, 1, 2, 3, 0], [0x40, 0xFE, 0, 4]])
        let cookieBytes = try #require(ack.parameters.first { $0.type == 7 }).value
        let cookie = try SCTPCookie(parsing: cookieBytes, key: link.b.cookieKey)
        // What came behind 0x40FE was not to be processed.
        #expect(!cookie.canSkip)
    }

    @Test func `a cookie that was altered or is too old is refused`() throws {
        for isOld in [false, true] {
            var link = SCTPLink()
            var echoes: [[UInt8]] = []
            link.drops = { _, packet in
                if case .cookieEcho = packet.chunks[0] { echoes.append(packet.serialize()) }
                return !echoes.isEmpty
            }
            link.run(for: .milliseconds(50))
            let echo = try #require(echoes.first)
            var packet = try SCTPPacket(parsing: echo.span.bytes)
            guard case .cookieEcho(var cookie) = packet.chunks[0] else { throw ParseError.truncated }
            if isOld {
                link.now = link.now + .seconds(61)
            } else {
                cookie[10] ^= 1
            }
            packet.chunks = [.cookieEcho(cookie)]
            link.b.receive(packet.serialize().span.bytes, now: link.now)
            #expect(!link.b.isConnected)
            let answer = link.b.pollPacket(now: link.now)
            #expect((answer != nil) == isOld)
        }
    }

    @Test func `a stale cookie starts the handshake over`() {
        var patient = SCTPConfiguration()
        patient.cookieLifetime = .milliseconds(5)
        var link = SCTPLink(other: patient)
        link.run(for: .seconds(2))
        #expect(!link.a.isConnected)
        link.b = SCTPAssociation(role: .passive, usesEvenStreams: false, now: link.now, using: &link.random)
        link.run(for: .seconds(30)) { $0.a.isConnected && $0.b.isConnected }
        #expect(link.a.isConnected && link.b.isConnected)
    }

    @Test func `a peer that starts over is taken back with fresh channels`() throws {
        var link = SCTPLink()
        let id = link.open()
        try link.b.send([1], isText: true, on: id, now: link.now)
        link.a = SCTPAssociation(role: .active, usesEvenStreams: true, now: link.now, using: &link.random)
        link.a.start(now: link.now)
        link.wire = []
        link.events = [[], []]
        link.run(for: .seconds(10)) { $0.events.allSatisfy { $0.contains(.connected) } }
        #expect(link.events[1] == [.channelClosed(id), .connected])
        let next = link.open()
        #expect(link.hasOpened(next))
        try link.b.send([2], isText: true, on: next, now: link.now)
        link.run(for: .seconds(1))
        #expect(link.messages(.a) == [[2]])
    }

    @Test(arguments: [SCTPLink.Side.a, .b])
    func `an abort reaches the peer`(side: SCTPLink.Side) {
        var link = SCTPLink()
        link.connect()
        if side == .a { link.a.abort() } else { link.b.abort() }
        link.run(for: .seconds(1))
        #expect(link.events[side.rawValue].last == .closed(.aborted))
        #expect(link.events[1 - side.rawValue].last == .closed(.abortedByPeer(cause: 12)))
        #expect(link.a.nextTimeout == nil && link.b.nextTimeout == nil)
    }

    @Test func `a peer that missed the abort is told again`() throws {
        var link = SCTPLink()
        let id = link.open()
        link.fault.loss = 1
        link.b.abort()
        link.pump()
        link.fault.loss = 0
        try link.a.send([1], isText: true, on: id, now: link.now)
        link.run(for: .seconds(1))
        #expect(link.events[0].last == .closed(.abortedByPeer(cause: nil)))
    }

    @Test(arguments: [0, 0.2], [true, false])
    func `a shutdown delivers what is queued and ends both sides`(loss: Double, isSimultaneous: Bool) throws {
        var link = SCTPLink(seed: 4)
        let id = link.open()
        link.fault.loss = loss
        for number in 0..<50 { try link.a.send(numbered(number, size: 3000), isText: false, on: id, now: link.now) }
        link.a.shutdown(now: link.now)
        #expect(throws: SCTPSendError.notOpen) { try link.a.send([1], isText: true, on: id, now: link.now) }
        if isSimultaneous { link.b.shutdown(now: link.now) }
        link.run(for: .seconds(120))
        #expect(link.messages(.b).count == 50)
        #expect(link.events[0].last == .closed(.shutdown))
        // The last packet may be lost for good, but then the peer is answered when it asks again.
        #expect(link.events[1].last == .closed(.shutdown))
    }

    @Test func `a lost SHUTDOWN COMPLETE is made up for`() {
        var link = SCTPLink()
        link.connect()
        var dropped = 0
        link.drops = { _, packet in
            guard case .shutdownComplete = packet.chunks[0] else { return false }
            dropped += 1
            return dropped == 1
        }
        link.a.shutdown(now: link.now)
        link.run(for: .seconds(5))
        #expect(dropped == 2)
        #expect(link.events.map(\.last) == [.closed(.shutdown), .closed(.shutdown)])
    }

    @Test func `nothing behind a refused cookie is heard`() {
        var link = SCTPLink()
        link.connect()
        let packet = SCTPPacket(
            sourcePort: 5000, destinationPort: 5000, verificationTag: link.b.localTag &+ 1,
            chunks: [.cookieEcho([1, 2, 3]), .abort(reflectsTag: false, causes: []), .shutdown(cumulativeTSN: 0)])
        link.deliver(packet.serialize(), to: .b)
        #expect(link.b.pollEvent() == nil)
        #expect(link.b.isConnected)
    }
}
