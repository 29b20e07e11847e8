import Media
import Testing

@Suite struct ICEClientAgentTests {
    let mine = ICECredentials(ufrag: "cliUfrag", password: "client password 12345678")
    let theirs = ICECredentials(ufrag: "srvUfrag", password: "server password 12345678")
    let start = Instant(nanoseconds: 0)
    let clientAddress = TransportAddress(ipv4: (192, 0, 2, 1), port: 1000)
    let dead = TransportAddress(ipv4: (203, 0, 113, 9), port: 7882)
    let alive = TransportAddress(ipv4: (203, 0, 113, 1), port: 7882)

    private func client(_ candidates: [TransportAddress]) -> ICEClientAgent {
        ICEClientAgent(local: mine, remote: theirs, remoteCandidates: candidates, tieBreaker: 42, now: start)
    }

    /// A server at `alive` behind a link that loses what `loses` says; everything arrives at once.
    private struct Link {
        var server: ICELiteAgent
        var serverEvents: [ICELiteEvent] = []
        var clientEvents: [ICEClientEvent] = []
        var sent: [(at: Instant, to: TransportAddress)] = []

        mutating func run(
            _ client: inout ICEClientAgent, until end: Instant, from source: TransportAddress,
            alive: TransportAddress, generator: inout ICESplitMix, loses: (Int) -> Bool = { _ in false }
        ) {
            while let now = client.nextTimeout, now <= end {
                let output = client.advance(to: now, using: &generator)
                clientEvents += output.events
                for transmit in output.transmits {
                    sent.append((now, transmit.destination))
                    guard transmit.destination == alive, !loses(sent.count) else { continue }
                    let outcome = server.receive(transmit.bytes.span.bytes, from: source, now: now)
                    guard case .response(let bytes, let event) = outcome else {
                        Issue.record("the server dropped a check: \(outcome)")
                        continue
                    }
                    if let event { serverEvents.append(event) }
                    clientEvents += client.receive(bytes.span.bytes, from: alive, now: now).events
                }
                if let event = server.advance(to: now) { serverEvents.append(event) }
            }
        }
    }

    private func link() -> Link {
        Link(server: ICELiteAgent(local: theirs, remoteUfrag: mine.ufrag, now: start))
    }

    @Test func `client and server agree on the address that answers`() {
        var generator = ICESplitMix(seed: 1)
        var client = client([dead, alive])
        var link = link()
        link.run(&client, until: start + .seconds(2), from: clientAddress, alive: alive, generator: &generator)
        #expect(client.state == .connected(alive))
        #expect(link.clientEvents == [.connected(alive)])
        #expect(link.serverEvents == [.pathProvisional(clientAddress), .pathNominated(clientAddress)])
        #expect(link.sent.prefix(2).map(\.to) == [dead, alive])
        #expect(link.sent[1].at == start + .milliseconds(50))
    }

    @Test func `lost checks are repeated until they are answered`() {
        var generator = ICESplitMix(seed: 2)
        var client = client([alive])
        var link = link()
        link.run(
            &client, until: start + .seconds(20), from: clientAddress, alive: alive, generator: &generator,
            loses: { $0 <= 3 })
        #expect(client.state == .connected(alive))
        #expect(
            link.sent.prefix(4).map(\.at) == [0, 500, 1500, 3500].map { start + .milliseconds($0) })
    }

    @Test func `a client whose candidates are all dead fails`() {
        var generator = ICESplitMix(seed: 3)
        var client = client([dead])
        var link = link()
        link.run(&client, until: start + .seconds(300), from: clientAddress, alive: alive, generator: &generator)
        #expect(link.clientEvents == [.failed])
        #expect(client.state == .failed && client.nextTimeout == nil)
        #expect(link.sent.count == 7)
    }

    @Test func `consent is renewed about every five seconds on both sides`() {
        var generator = ICESplitMix(seed: 4)
        var client = client([alive])
        var link = link()
        link.run(&client, until: start + .seconds(600), from: clientAddress, alive: alive, generator: &generator)
        #expect(link.clientEvents == [.connected(alive)])
        #expect(!link.serverEvents.contains(.consentLost))
        let gaps = zip(link.sent.dropFirst(3), link.sent.dropFirst(2)).map { $0.at - $1.at }
        #expect(gaps.count > 100)
        #expect(gaps.allSatisfy { .seconds(4) <= $0 && $0 <= .seconds(6) })
        #expect(Set(gaps).count > 50)
    }

    @Test func `a server that falls silent costs the client its consent after thirty seconds`() {
        var generator = ICESplitMix(seed: 5)
        var client = client([alive])
        var link = link()
        link.run(
            &client, until: start + .seconds(600), from: clientAddress, alive: alive, generator: &generator,
            loses: { $0 > 2 })
        #expect(link.clientEvents == [.connected(alive), .failed])
        #expect(link.sent.last!.at < start + .seconds(31))
    }

    @Test func `a client that moved nominates from its new address and the server follows`() {
        var generator = ICESplitMix(seed: 6)
        let moved = TransportAddress(ipv6: 0x2001_0DB8 << 32, 5, port: 9)
        var client = client([alive])
        var link = link()
        link.run(&client, until: start + .seconds(3), from: clientAddress, alive: alive, generator: &generator)
        client.renominate(now: start + .seconds(3))
        link.run(&client, until: start + .seconds(4), from: moved, alive: alive, generator: &generator)
        #expect(link.serverEvents.last == .pathNominated(moved))
        #expect(client.state == .connected(alive))
    }

    @Test func `an answer with a wrong password or from a wrong address changes nothing`() throws {
        var generator = ICESplitMix(seed: 7)
        var client = client([alive])
        let transmit = client.advance(to: start, using: &generator).transmits[0]
        let request = try STUNMessage(parsing: transmit.bytes.span.bytes)
        #expect(request.username == "srvUfrag:cliUfrag")
        #expect(request.iceControlling == 42 && !request.useCandidate)
        var success = request.response(.success)
        success.xorMappedAddress = clientAddress
        let forged = success.serialize(integrityPassword: mine.password)
        let genuine = success.serialize(integrityPassword: theirs.password)
        _ = client.receive(forged.span.bytes, from: alive, now: start)
        _ = client.receive(genuine.span.bytes, from: dead, now: start)
        #expect(client.advance(to: start, using: &generator).transmits == [])
        _ = client.receive(genuine.span.bytes, from: alive, now: start)
        let nomination = client.advance(to: start, using: &generator).transmits
        let bytes = try #require(nomination.first).bytes
        #expect(try STUNMessage(parsing: bytes.span.bytes).useCandidate == true)
    }

    @Test func `a check of a full peer is answered, its claim to control refused`() throws {
        var client = client([])
        for (controlling, expected) in [(false, nil), (true, STUNErrorCode.roleConflict)] {
            var request = STUNMessage(.request, transactionID: STUNTransactionID(high: 3, low: 4))
            request.username = "cliUfrag:srvUfrag"
            if controlling { request.iceControlling = 1 } else { request.iceControlled = 1 }
            let datagram = request.serialize(integrityPassword: mine.password)
            let output = client.receive(datagram.span.bytes, from: alive, now: start)
            let bytes = try #require(output.transmits.first).bytes
            let response = try STUNMessage(parsing: bytes.span.bytes)
            #expect(response.errorCode == expected)
            #expect(response.verifyIntegrity(password: mine.password))
            #expect(response.xorMappedAddress == (controlling ? nil : alive))
        }
    }
}
