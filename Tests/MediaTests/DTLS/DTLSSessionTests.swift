import Testing

@testable import Media

@Suite struct `DTLS session` {
    @Test func `a handshake ends in mirrored keys of the preferred profile`() throws {
        let link = try SimulatedLink()
        link.run()
        let keys = try #require(link.keys())
        #expect(keys.client.profile == .aeadAES128GCM)
        #expect(keys.client.localKey == keys.server.remoteKey)
        #expect(keys.client.localSalt == keys.server.remoteSalt)
        #expect(keys.client.remoteKey == keys.server.localKey)
        #expect(keys.client.remoteSalt == keys.server.localSalt)
        #expect(keys.client.localKey != keys.client.remoteKey)
        #expect(link.client.nextTimeout == nil)
        #expect(link.server.nextTimeout == nil)
        #expect(link.flights == [2, 2])
    }

    @Test(arguments: SRTPProfile.allCases)
    func `the server takes the one profile it is offered`(profile: SRTPProfile) throws {
        let link = try SimulatedLink(clientProfiles: [profile])
        link.run()
        let keys = try #require(link.keys())
        #expect(keys.client.profile == profile)
        #expect(keys.server.profile == profile)
        #expect(keys.server.localKey.count == profile.keyLength)
        #expect(keys.server.localSalt.count == profile.saltLength)
        #expect(keys.server.localKey == keys.client.remoteKey)
    }

    @Test func `the server picks by its own preference`() throws {
        let link = try SimulatedLink(clientProfiles: SRTPProfile.preference.reversed())
        link.run()
        let keys = try #require(link.keys())
        #expect(keys.client.profile == .aeadAES128GCM)
    }

    // MARK: - Loss

    @Test(.enabled(if: DTLSWire.ownsTimer)) func `any single datagram may be lost`() throws {
        let whole = try SimulatedLink()
        whole.run()
        #expect(whole.sent >= 4)
        for index in 0..<whole.sent {
            let link = try SimulatedLink { _, _, datagram in datagram == index }
            link.run()
            #expect(link.keys() != nil, "datagram \(index) of \(whole.sent)")
        }
    }

    @Test(.enabled(if: DTLSWire.ownsTimer), arguments: SimulatedLink.Side.allCases, 0..<2)
    func `any flight may be lost`(side: SimulatedLink.Side, flight: Int) throws {
        let link = try SimulatedLink { sender, sent, _ in sender == side && sent == flight }
        link.run()
        #expect(link.keys() != nil)
    }

    @Test(.enabled(if: DTLSWire.ownsTimer)) func `every flight may be lost once`() throws {
        let link = try SimulatedLink { _, flight, _ in flight.isMultiple(of: 2) }
        link.run()
        #expect(link.keys() != nil)
        #expect(link.flights[0] >= 4)
    }

    @Test(.enabled(if: DTLSWire.ownsTimer)) func `a third of all datagrams may be lost`() throws {
        for seed in 0..<8 as Range<UInt64> {
            var generator = DTLSTestGenerator(seed)
            let link = try SimulatedLink { _, _, _ in UInt8.random(in: 0..<3, using: &generator) == 0 }
            link.run()
            #expect(link.keys() != nil, "seed \(seed)")
        }
    }

    @Test(.enabled(if: DTLSWire.ownsTimer))
    func `flights are sent again after 200 ms, doubling to 2 s, until 20 s are over`() throws {
        let link = try SimulatedLink { _, _, _ in true }
        link.run()
        let first = try #require(link.flightTimes[0].first)
        let times = link.flightTimes[0].map { ($0 - first).inNanoseconds / 1_000_000 }
        #expect(times == [0, 200, 600, 1400, 3000, 5000, 7000, 9000, 11000, 13000, 15000, 17000, 19000])
        #expect(link.events[0] == [.failed(.timedOut)])
        #expect(link.events[1] == [.failed(.timedOut)])
        #expect(link.now - first == .seconds(30))
    }

    @Test(.enabled(if: DTLSWire.ownsTimer)) func `time that has not come sends nothing`() throws {
        let link = try SimulatedLink()
        let first = link.client.start(now: link.now)
        #expect(first.datagrams.count == 1)
        let due = try #require(link.client.nextTimeout)
        #expect(due == link.now + .milliseconds(200))
        #expect(link.client.advance(to: due - .nanoseconds(1)) == DTLSSession.Output())
        #expect(link.client.advance(to: due).datagrams.count == 1)
        #expect(link.client.advance(to: due) == DTLSSession.Output())
    }

    @Test func `no handshake datagram is larger than the MTU`() throws {
        let link = try SimulatedLink()
        var output = link.client.start(now: link.now)
        var receiver = link.server
        while !output.datagrams.isEmpty {
            var reply = DTLSSession.Output()
            for datagram in output.datagrams {
                #expect(datagram.count <= DTLSSession.maximumTransmissionUnit)
                reply.datagrams += receiver.receive(datagram, now: link.now).datagrams
            }
            receiver = receiver === link.server ? link.client : link.server
            output = reply
        }
    }

    // MARK: - Trust

    @Test func `one certificate serves many sessions at once`() async throws {
        let certificate = try DTLSCertificate(now: 1_800_000_000)
        let connected = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let ends = [DTLSRole.client, .server].map {
                        DTLSSession(
                            role: $0, certificate: certificate, peerFingerprint: certificate.fingerprint,
                            now: Instant(nanoseconds: 0))
                    }
                    let link = SimulatedLink(client: ends[0], server: ends[1])
                    link.run()
                    return link.keys() != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(connected == 16)
    }

    @Test(arguments: SimulatedLink.Side.allCases)
    func `a peer with another certificate fails the session`(deceived: SimulatedLink.Side) throws {
        let (a, b, c) = (
            try DTLSCertificate(now: 1_800_000_000), try DTLSCertificate(now: 1_800_000_000),
            try DTLSCertificate(now: 1_800_000_000)
        )
        let now = Instant(nanoseconds: 0)
        let link = SimulatedLink(
            client: DTLSSession(
                role: .client, certificate: a,
                peerFingerprint: deceived == .client ? c.fingerprint : b.fingerprint, now: now),
            server: DTLSSession(
                role: .server, certificate: b,
                peerFingerprint: deceived == .server ? c.fingerprint : a.fingerprint, now: now))
        link.run()
        #expect(link.events[deceived.rawValue] == [.failed(.fingerprintMismatch)])
        #expect(link.events[deceived.other.rawValue] == [.failed(.alert(42))])
        #expect(link.sessions[deceived.rawValue].send([1, 2, 3]).datagrams.isEmpty)
    }

    @Test(arguments: ["sha-1", "sha-256", "sha-384", "sha-512", "md5", "sha-999"])
    func `fingerprints are checked by the hash they name`(algorithm: String) throws {
        let (a, b) = (try DTLSCertificate(now: 1_800_000_000), try DTLSCertificate(now: 1_800_000_000))
        let certificate = SSLCertificate(of: b)
        let hash = certificate.hash(algorithm: algorithm)
        let fingerprint = Fingerprint(algorithm: algorithm, bytes: hash ?? [])
        let now = Instant(nanoseconds: 0)
        let link = SimulatedLink(
            client: DTLSSession(role: .client, certificate: a, peerFingerprint: fingerprint, now: now),
            server: DTLSSession(role: .server, certificate: b, peerFingerprint: a.fingerprint, now: now))
        link.run()
        #expect((link.keys() != nil) == (hash != nil))
        if hash == nil { #expect(link.events[0] == [.failed(.fingerprintMismatch)]) }
    }

    // MARK: - Afterwards

    @Test(arguments: SimulatedLink.Side.allCases)
    func `application data goes both ways and close_notify ends it`(closer: SimulatedLink.Side) throws {
        let link = try SimulatedLink()
        link.run()
        for round in 1...3 as ClosedRange<UInt8> {
            for side in SimulatedLink.Side.allCases {
                let packet = [UInt8](repeating: round, count: round == 3 ? 1150 : 1)
                let output = link.sessions[side.rawValue].send(packet)
                let datagram = try #require(output.datagrams.first)
                #expect(output.datagrams.count == 1)
                #expect(datagram.count == packet.count + DTLSSession.maximumOverhead)
                let heard = link.sessions[side.other.rawValue].receive(datagram, now: link.now)
                #expect(heard == DTLSSession.Output(datagrams: [], events: [.applicationData(packet)]))
                let again = link.sessions[side.other.rawValue].receive(datagram, now: link.now)
                #expect(again == DTLSSession.Output(), "a replay is dropped")
            }
        }
        let farewell = link.sessions[closer.rawValue].close()
        let datagram = try #require(farewell.datagrams.first)
        let end = link.sessions[closer.other.rawValue].receive(datagram, now: link.now)
        #expect(end.events == [.closed])
        for session in link.sessions {
            #expect(session.send([1]) == DTLSSession.Output())
            #expect(session.close() == DTLSSession.Output())
            #expect(session.nextTimeout == nil)
        }
    }

    @Test func `data before the handshake is over is dropped`() throws {
        let link = try SimulatedLink()
        #expect(link.client.send([1]) == DTLSSession.Output())
        _ = link.client.start(now: link.now)
        #expect(link.client.send([1]) == DTLSSession.Output())
    }

    @Test func `data that overtakes the last flight is delivered after it`() throws {
        let link = try SimulatedLink()
        let (client, server, now) = (link.client, link.server, link.now)
        let hello = client.start(now: now).datagrams
        let flight4 = hello.flatMap { server.receive($0, now: now).datagrams }
        let flight5 = flight4.flatMap { client.receive($0, now: now).datagrams }
        var last: [[UInt8]] = []
        for datagram in flight5 { last += server.receive(datagram, now: now).datagrams }
        let early = server.send([7, 7, 7]).datagrams
        var events: [DTLSSession.Event] = []
        for datagram in early + last { events += client.receive(datagram, now: now).events }
        #expect(events.count == 2)
        guard case .connected = events.first else { throw ParseError.malformed("order") }
        #expect(events.last == .applicationData([7, 7, 7]))
    }

    // MARK: - Hostile input

    @Test func `an established session outlives mutated, cut and forged datagrams`() throws {
        let link = try SimulatedLink()
        link.run()
        var generator = DTLSTestGenerator(7)
        let sealed = try #require(link.client.send([UInt8](repeating: 9, count: 100)).datagrams.first)
        let forgedAlert = [UInt8](hex: "15fefd00000000000000630002022f")
        let forgedClose = [UInt8](hex: "15fefd000000000000006400020100")
        var hostile = [forgedAlert, forgedClose] + (0..<sealed.count).map { Array(sealed.prefix($0)) }
        for index in sealed.indices {
            var mutated = sealed
            mutated[index] ^= UInt8.random(in: 1...255, using: &generator)
            hostile.append(mutated)
        }
        for _ in 0..<2000 {
            var noise = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if noise.count > 13 {
                noise.replaceSubrange(0..<5, with: [UInt8.random(in: 20...23, using: &generator), 0xfe, 0xfd, 0, 1])
            }
            hostile.append(noise)
        }
        hostile.append([UInt8](repeating: 23, count: 60_000))
        for datagram in hostile {
            #expect(link.server.receive(datagram, now: link.now) == DTLSSession.Output())
        }
        let heard = link.server.receive(sealed, now: link.now)
        #expect(heard.events == [.applicationData([UInt8](repeating: 9, count: 100))])
    }

    @Test func `a handshake outlives datagrams that are not whole records`() throws {
        let link = try SimulatedLink()
        let hello = try #require(link.client.start(now: link.now).datagrams.first)
        for length in 0..<hello.count {
            let cut = Array(hello.prefix(length))
            #expect(link.server.receive(cut, now: link.now) == DTLSSession.Output(), "\(length) bytes")
        }
        let plaintextData = [UInt8](hex: "17fefd0000000000000063000401020304")
        #expect(link.server.receive(plaintextData, now: link.now) == DTLSSession.Output())
        link.take(link.server.receive(hello, now: link.now), from: .server)
        link.settle()
        #expect(link.keys() != nil)
    }

    @Test func `of what is encrypted before there are keys only so much is kept`() throws {
        let link = try SimulatedLink()
        let early = [UInt8](hex: "17fefd0001000000000001000401020304")
        for _ in 0..<100 { _ = link.server.receive(early, now: link.now) }
        #expect(link.server.refusedDatagrams == UInt64(100 - DTLSHandshake.maximumEarlyDatagrams))
    }

    @Test func `no mutation of a handshake's datagrams traps`() throws {
        let certificate = try DTLSCertificate(now: 1_800_000_000)
        var generator = DTLSTestGenerator(11)
        for _ in 0..<150 {
            let now = Instant(nanoseconds: 0)
            let ends = [DTLSRole.client, .server].map {
                DTLSSession(role: $0, certificate: certificate, peerFingerprint: certificate.fingerprint, now: now)
            }
            var (datagrams, to) = (ends[0].start(now: now).datagrams, 1)
            for _ in 0..<4 {
                var replies: [[UInt8]] = []
                for var datagram in datagrams {
                    if Bool.random(using: &generator) {
                        let index = datagram.indices.randomElement(using: &generator)!
                        datagram[index] = UInt8.random(in: 0...255, using: &generator)
                    }
                    replies += ends[to].receive(datagram, now: now).datagrams
                }
                (datagrams, to) = (replies, 1 - to)
            }
        }
    }

    @Test func `encrypted records before the keys are known are kept to a cap`() throws {
        let link = try SimulatedLink()
        let hello = link.client.start(now: link.now)
        for sequence in 0..<200 as Range<UInt8> {
            let record: [UInt8] =
                [23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, sequence, 0, 32] + Array(repeating: 1, count: 32)
            #expect(link.server.receive(record, now: link.now) == DTLSSession.Output())
        }
        let reply = link.server.receive(hello.datagrams[0], now: link.now)
        #expect(!reply.datagrams.isEmpty)
    }
}
