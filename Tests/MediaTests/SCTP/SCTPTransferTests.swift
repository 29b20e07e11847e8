@testable import Media
import Testing

@Suite struct SCTPTransferTests {
    static let faults = [
        SCTPLink.Fault(),
        SCTPLink.Fault(loss: 0.05),
        SCTPLink.Fault(loss: 0.2),
        SCTPLink.Fault(duplication: 0.3, jitter: 40),
        SCTPLink.Fault(loss: 0.2, duplication: 0.1, jitter: 60),
    ]

    @Test(arguments: faults, 1...4 as ClosedRange<UInt64>)
    func `a reliable ordered channel delivers everything in order`(fault: SCTPLink.Fault, seed: UInt64) throws {
        var link = SCTPLink(fault: fault, seed: seed)
        let id = link.open()
        var random = SCTPTestGenerator(state: seed)
        let messages = (0..<200).map { numbered($0, size: .random(in: 4...4000, using: &random)) }
        for (index, message) in messages.enumerated() {
            try link.a.send(message, isText: false, on: id, now: link.now)
            try link.b.send(message, isText: true, on: id, now: link.now)
            if index % 10 == 0 { link.run(for: .milliseconds(30)) }
        }
        link.run(for: .seconds(600)) { $0.messages(.b).count == 200 && $0.messages(.a).count == 200 }
        #expect(link.messages(.b) == messages)
        #expect(link.messages(.a) == messages)
        link.run { $0.a.bufferedAmount == 0 && $0.b.bufferedAmount == 0 }
        #expect(link.a.bufferedAmount == 0)
        #expect(link.b.bufferedAmount == 0)
        #expect(link.a.sender.bufferedMessages == 0)
        #expect(link.b.receiver.held == 0)
        #expect(link.largestPacket <= SCTPConfiguration().mtu)
    }

    @Test(arguments: faults, 1...4 as ClosedRange<UInt64>)
    func `an unordered reliable channel delivers everything once`(fault: SCTPLink.Fault, seed: UInt64) throws {
        var link = SCTPLink(fault: fault, seed: seed)
        let id = link.open(ordered: false)
        let messages = (0..<200).map { numbered($0, size: 4 + $0 * 13) }
        for message in messages { try link.a.send(message, isText: false, on: id, now: link.now) }
        link.run(for: .seconds(600)) { $0.messages(.b).count == 200 }
        link.run(for: .seconds(5))
        #expect(link.messages(.b).sorted { $0.lexicographicallyPrecedes($1) } == messages)
    }

    @Test(arguments: [true, false], 1...8 as ClosedRange<UInt64>)
    func `without retransmissions some are lost and nothing stalls`(ordered: Bool, seed: UInt64) throws {
        var link = SCTPLink(seed: seed)
        let id = link.open(.maxRetransmits(0), ordered: ordered)
        link.fault = .init(loss: 0.2, jitter: 15)
        for number in 0..<300 {
            // Every fifth takes several packets.
            try link.a.send(numbered(number, size: number % 5 == 0 ? 5000 : 40), isText: false, on: id, now: link.now)
            link.run(for: .milliseconds(20))
        }
        link.fault = .init()
        link.run(for: .seconds(20))
        try link.a.send(numbered(300), isText: false, on: id, now: link.now)
        link.run(for: .seconds(1))
        let received = link.messages(.b)
        #expect(received.last == numbered(300))
        #expect(received.count < 300)
        #expect(received.count > 100)
        #expect(Set(received).count == received.count)
        if ordered { #expect(received == received.sorted { $0.lexicographicallyPrecedes($1) }) }
        #expect(link.a.statistics.abandonedMessages > 0)
        #expect(link.a.bufferedAmount == 0)
        #expect(link.a.sender.bufferedMessages == 0)
        #expect(link.a.sender.flight == 0)
        #expect(link.b.receiver.held == 0)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `messages older than their lifetime are given up on`(seed: UInt64) throws {
        var link = SCTPLink(seed: seed)
        let id = link.open(.maxLifetime(100))
        link.fault = .init(loss: 1)
        for number in 0..<100 {
            try link.a.send(numbered(number, size: 3000), isText: false, on: id, now: link.now)
        }
        link.run(for: .seconds(1))
        link.fault = .init()
        link.run(for: .seconds(20))
        #expect(link.a.bufferedAmount == 0)
        #expect(link.a.sender.bufferedMessages == 0)
        #expect(link.messages(.b).count < 100)
        try link.a.send(numbered(100), isText: false, on: id, now: link.now)
        link.run(for: .seconds(1))
        #expect(link.messages(.b).last == numbered(100))
    }

    @Test(arguments: faults)
    func `large messages pass both ways`(fault: SCTPLink.Fault) throws {
        var link = SCTPLink(fault: fault, seed: 9)
        let id = link.open()
        let message = numbered(7, size: 65_536)
        for _ in 0..<3 {
            try link.a.send(message, isText: false, on: id, now: link.now)
            try link.b.send(message, isText: false, on: id, now: link.now)
        }
        link.run(for: .seconds(600)) { $0.messages(.a).count == 3 && $0.messages(.b).count == 3 }
        #expect(link.messages(.a) == [message, message, message])
        #expect(link.messages(.b) == [message, message, message])
    }

    @Test func `a message of 256 KiB is taken and a larger one ends the association`() throws {
        var configuration = SCTPConfiguration()
        configuration.maxMessageSize = 300_000
        var link = SCTPLink(configuration: configuration)
        let id = link.open()
        try link.a.send(numbered(1, size: 262_144), isText: false, on: id, now: link.now)
        link.run { $0.messages(.b).count == 1 }
        #expect(link.messages(.b) == [numbered(1, size: 262_144)])
        try link.a.send(numbered(1, size: 270_000), isText: false, on: id, now: link.now)
        link.run(for: .seconds(5))
        #expect(link.events[1].last == .closed(.violation))
        #expect(link.events[0].last == .closed(.abortedByPeer(cause: 13)))
    }

    @Test func `text, binary and empty messages keep their kind`() throws {
        var link = SCTPLink()
        let id = link.open()
        try link.a.send(Array("hé".utf8), isText: true, on: id, now: link.now)
        try link.a.send([1, 2], isText: false, on: id, now: link.now)
        try link.a.send([], isText: true, on: id, now: link.now)
        try link.a.send([], isText: false, on: id, now: link.now)
        link.run(for: .seconds(1))
        #expect(
            link.events[1].suffix(4) == [
                .message(id, bytes: Array("hé".utf8), isText: true), .message(id, bytes: [1, 2], isText: false),
                .message(id, bytes: [], isText: true), .message(id, bytes: [], isText: false),
            ])
    }

    @Test func `a full buffer refuses and drains`() throws {
        var configuration = SCTPConfiguration()
        configuration.sendBufferLimit = 100_000
        var link = SCTPLink(configuration: configuration)
        let id = link.open()
        let message = numbered(1, size: 30_000)
        for _ in 0..<3 { try link.a.send(message, isText: false, on: id, now: link.now) }
        #expect(throws: SCTPSendError.bufferFull) {
            try link.a.send(message, isText: false, on: id, now: link.now)
        }
        #expect(throws: SCTPSendError.tooLarge) {
            try link.a.send(numbered(1, size: 65_537), isText: false, on: id, now: link.now)
        }
        #expect(throws: SCTPSendError.notOpen) {
            try link.a.send([1], isText: false, on: ChannelID(8), now: link.now)
        }
        #expect(link.a.bufferedAmount == 90_000)
        link.run { $0.messages(.b).count == 3 && $0.a.bufferedAmount == 0 }
        #expect(link.a.bufferedAmount == 0)
        try link.a.send(message, isText: false, on: id, now: link.now)
    }

    @Test func `tiny messages fill the buffer too`() throws {
        var link = SCTPLink()
        let id = link.open()
        var count = 0
        while (try? link.a.send([1], isText: false, on: id, now: link.now)) != nil { count += 1 }
        #expect(count < 20_000)
        link.run { $0.a.bufferedAmount == 0 }
        #expect(link.messages(.b).count == count)
        #expect(link.a.statistics.retransmittedChunks == 0)
    }

    @Test func `a receiver with a small window is not overrun`() throws {
        var small = SCTPConfiguration()
        small.receiveWindow = 20_000
        var link = SCTPLink(fault: .init(loss: 0.05, jitter: 20), seed: 3, other: small)
        let id = link.open()
        for number in 0..<60 { try link.a.send(numbered(number, size: 9000), isText: false, on: id, now: link.now) }
        link.run(for: .seconds(600)) { $0.messages(.b).count == 60 }
        #expect(link.messages(.b) == (0..<60).map { numbered($0, size: 9000) })
    }

    @Test func `streams take turns`() throws {
        var link = SCTPLink()
        let bulk = link.open()
        let chat = link.open()
        for number in 0..<10 { try link.a.send(numbered(number, size: 60_000), isText: false, on: bulk, now: link.now) }
        try link.a.send([9], isText: true, on: chat, now: link.now)
        link.run { $0.messages(.b).count == 11 }
        let place = link.messages(.b).firstIndex(of: [9]) ?? 99
        #expect(place <= 2)
    }

    @Test func `a lone packet is acknowledged before the peer times out`() throws {
        var link = SCTPLink()
        let id = link.open()
        link.run(for: .seconds(2))
        for _ in 0..<20 {
            try link.a.send([1, 2, 3], isText: false, on: id, now: link.now)
            link.run(for: .milliseconds(300))
            #expect(link.a.bufferedAmount == 0)
        }
        #expect(link.a.statistics.retransmittedChunks == 0)
    }

    @Test func `one lost packet among many is repeated within two round trips`() throws {
        var link = SCTPLink()
        let id = link.open()
        link.run(for: .seconds(1))
        var hasDropped = false
        let victim = link.a.sender.nextTSN + 1
        link.drops = { side, packet in
            guard side == .b, !hasDropped else { return false }
            hasDropped = packet.chunks.contains {
                if case .data(let data) = $0 { Int64(data.tsn) == victim } else { false }
            }
            return hasDropped
        }
        let start = link.now
        for number in 0..<8 { try link.a.send(numbered(number, size: 1000), isText: false, on: id, now: link.now) }
        link.run { $0.messages(.b).count == 8 }
        #expect(hasDropped)
        #expect(link.now - start <= .milliseconds(60))
    }

    @Test func `skipping in more streams than a packet can name takes several`() throws {
        var configuration = SCTPConfiguration()
        configuration.maxChannels = 400
        var link = SCTPLink(configuration: configuration)
        let ids = (0..<400).map { _ in link.a.openChannel(label: "", reliability: .maxRetransmits(0), now: link.now) }
        link.run { link in ids.allSatisfy { link.hasOpened($0) } }
        link.fault.loss = 1
        for id in ids { try link.a.send([1], isText: false, on: id, now: link.now) }
        link.run(for: .milliseconds(150))
        link.fault.loss = 0
        link.run(for: .seconds(5))
        for id in ids { try link.a.send([2], isText: false, on: id, now: link.now) }
        link.run(for: .seconds(5))
        #expect(link.a.statistics.abandonedMessages == 400)
        #expect(link.messages(.b).filter { $0 == [2] }.count == 400)
        #expect(link.a.bufferedAmount == 0)
    }

    @Test func `TSNs and stream sequence numbers wrap`() throws {
        var link = SCTPLink()
        link.a.localInitialTSN = .max - 20
        link.a.sender = SCTPSender(initialTSN: .max - 20, SCTPConfiguration())
        link.wire = []
        link.run(for: .seconds(5))
        let id = link.open()
        link.fault = .init(loss: 0.05, jitter: 15)
        for number in 0..<70_000 {
            try link.a.send([1], isText: false, on: id, now: link.now)
            if number % 500 == 0 { link.run(for: .milliseconds(100)) }
        }
        link.run(for: .seconds(60)) { $0.messages(.b).count == 70_000 }
        #expect(link.messages(.b).count == 70_000)
    }

    @Test func `one packet is acknowledged after the delay, two or a gap at once`() throws {
        var link = SCTPLink()
        link.connect()
        let first = link.b.receiver.cumulativeTSN &+ 1
        func data(_ offset: UInt32, wantsImmediateSack: Bool = false) -> [UInt8] {
            let data = SCTPData(
                tsn: first &+ offset, stream: 0, sequence: UInt16(offset), ppid: 53,
                wantsImmediateSack: wantsImmediateSack, payload: [1])
            return SCTPPacket(
                sourcePort: 5000, destinationPort: 5000, verificationTag: link.b.localTag, chunks: [.data(data)]
            ).serialize()
        }
        func sack() throws -> SCTPSack? {
            guard let packet = link.b.pollPacket(now: link.now) else { return nil }
            guard case .sack(let sack) = try SCTPPacket(parsing: packet.span.bytes).chunks[0] else { return nil }
            return sack
        }
        link.deliver(data(0), to: .b)
        #expect(try sack() == nil)
        #expect(link.b.nextTimeout == link.now + SCTPConfiguration().sackDelay)
        link.now = link.now + SCTPConfiguration().sackDelay
        link.b.advance(to: link.now)
        #expect(try sack()?.cumulativeTSN == first)
        link.deliver(data(1), to: .b)
        #expect(try sack() == nil)
        link.deliver(data(2), to: .b)
        #expect(try sack()?.cumulativeTSN == first &+ 2)
        link.deliver(data(3, wantsImmediateSack: true), to: .b)
        #expect(try sack()?.cumulativeTSN == first &+ 3)
        link.deliver(data(5), to: .b)
        link.deliver(data(8), to: .b)
        link.deliver(data(6), to: .b)
        link.deliver(data(5), to: .b)
        let gapped = try sack()
        #expect(gapped?.cumulativeTSN == first &+ 3)
        #expect(gapped?.gaps == [.init(first: 2, last: 3), .init(first: 5, last: 5)])
        #expect(gapped?.duplicates == [first &+ 5])
        link.deliver(data(4), to: .b)
        #expect(try sack()?.cumulativeTSN == first &+ 6)
    }
}
