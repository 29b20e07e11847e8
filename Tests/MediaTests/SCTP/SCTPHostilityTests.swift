@testable import Media
import Testing

@Suite struct SCTPHostilityTests {
    /// A busy association, and what arrived at each side on the way.
    private func recording(seed: UInt64) throws -> (link: SCTPLink, packets: [(SCTPLink.Side, [UInt8])]) {
        var packets: [(SCTPLink.Side, [UInt8])] = []
        var link = SCTPLink(seed: seed)
        link.drops = { side, packet in
            packets.append((side, packet.serialize()))
            return false
        }
        let first = link.open()
        let second = link.open(.maxRetransmits(0), ordered: false)
        let third = link.open(.maxLifetime(50))
        link.fault = .init(loss: 0.2, duplication: 0.1, jitter: 30)
        for number in 0..<30 {
            for id in [first, second, third] {
                try link.a.send(numbered(number, size: 2500), isText: false, on: id, now: link.now)
                try link.b.send(numbered(number, size: 20), isText: false, on: id, now: link.now)
            }
            link.run(for: .milliseconds(15))
        }
        link.b.closeChannel(third, now: link.now)
        link.run(for: .milliseconds(200))
        // Something stays in flight.
        try link.a.send(numbered(1, size: 30_000), isText: false, on: first, now: link.now)
        link.pump()
        let moment = link
        link.drops = { _, _ in false }
        link.a.shutdown(now: link.now)
        link.run(for: .seconds(20))
        return (moment, packets)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `damaged packets are dropped and the association goes on`(seed: UInt64) throws {
        var (link, packets) = try recording(seed: seed)
        link.drops = { _, _ in false }
        link.fault = .init()
        var random = SCTPTestGenerator(state: seed)
        let before = link.a.statistics.discardedPackets + link.b.statistics.discardedPackets
        for (side, packet) in packets {
            var damaged = packet
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
            if damaged == packet { continue }
            if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random)) }
            link.deliver(damaged, to: side)
        }
        #expect(link.a.statistics.discardedPackets + link.b.statistics.discardedPackets >= before + packets.count - 2)
        let count = link.messages(.b).count
        try link.a.send(numbered(99), isText: false, on: ChannelID(0), now: link.now)
        link.run(for: .seconds(30)) { $0.messages(.b).last == numbered(99) }
        #expect(link.messages(.b).count > count)
        #expect(link.messages(.b).last == numbered(99))
    }

    /// A peer with the right tag and checksum may still say anything. Each association is a copy that hears a hundred
    /// such packets and then lives on for a while.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `mutated packets with right checksums never trap nor loop`(seed: UInt64) throws {
        let (moment, packets) = try recording(seed: seed % 4)
        var random = SCTPTestGenerator(state: seed)
        for _ in 0..<8 {
            var link = moment
            link.drops = { _, _ in false }
            for _ in 0..<100 {
                let (side, original) = packets[Int.random(in: 0..<packets.count, using: &random)]
                var packet = original
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: min(12, packet.count - 1)..<min(packet.count, 60), using: &random)
                    packet[place] =
                        Bool.random(using: &random)
                        ? [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                        : .random(in: 0...255, using: &random)
                }
                if Int.random(in: 0..<8, using: &random) == 0 {
                    packet.removeLast(Int.random(in: 0..<packet.count - 11, using: &random))
                }
                link.deliver(sealed(packet), to: side)
                if Int.random(in: 0..<10, using: &random) == 0 { link.pump() }
            }
            let start = link.sent
            link.run(for: .seconds(3))
            // A storm between the two would show here.
            #expect(link.sent - start < 5000)
            #expect(link.a.receiver.held >= 0 && link.b.receiver.held >= 0)
            #expect(link.a.sender.flight >= 0 && link.a.bufferedAmount >= 0)
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `random chunks never trap`(seed: UInt64) throws {
        var random = SCTPTestGenerator(state: seed)
        var link = SCTPLink(seed: seed)
        if seed % 2 == 0 { _ = link.open() }
        for _ in 0..<3000 {
            let tag = Bool.random(using: &random) ? link.b.localTag : 0
            var writer = ByteWriter()
            writer.write(UInt16(5000))
            writer.write(UInt16(5000))
            writer.write(tag)
            writer.write(UInt32(0))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let size = Int.random(in: 0...40, using: &random)
                let types: [UInt8] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 130, 192, 63, 250]
                writer.write(types[Int.random(in: 0..<types.count, using: &random)])
                writer.write(UInt8.random(in: 0...15, using: &random))
                writer.write(UInt16(size + 4))
                // Numbers near to those in use do the most harm.
                let near = Bool.random(using: &random)
                for index in 0..<size {
                    let tsn = UInt32(truncatingIfNeeded: link.b.receiver.cumulative + 3)
                    let byte: UInt8 =
                        near && index < 4
                        ? UInt8(truncatingIfNeeded: tsn >> UInt32(24 - 8 * index))
                        : .random(in: 0...255, using: &random)
                    writer.write(byte)
                }
                writer.pad(to: 4)
            }
            link.deliver(sealed(writer.bytes), to: .b)
            while link.b.pollPacket(now: link.now) != nil {}
            while link.b.pollEvent() != nil {}
        }
        link.b.advance(to: link.now + .seconds(1))
    }

    @Test func `what a peer sends without end is held within the window`() {
        var link = SCTPLink()
        link.connect()
        let start = link.b.receiver.cumulativeTSN
        // First fragments only, every other TSN missing, then one long message in a stream that waits for another.
        for offset in 2..<30_000 as Range<UInt32> {
            let data = SCTPData(
                tsn: start &+ offset * (offset < 2000 ? 2 : 1) &+ (offset < 2000 ? 0 : 2000),
                stream: UInt16(offset % 7),
                sequence: UInt16(truncatingIfNeeded: offset), ppid: 53, begins: offset < 2000, ends: offset > 20_000,
                payload: [UInt8](repeating: 1, count: 900)[...])
            let packet = SCTPPacket(
                sourcePort: 5000, destinationPort: 5000, verificationTag: link.b.localTag, chunks: [.data(data)])
            link.deliver(packet.serialize(), to: .b)
        }
        #expect(link.b.receiver.held <= 2 << 20)
        var size = 0
        while let packet = link.b.pollPacket(now: link.now) { size += packet.count }
        #expect(size < 10_000)
    }

    @Test func `a SACK of data never sent ends the association`() {
        var link = SCTPLink()
        link.connect()
        let sack = SCTPSack(cumulativeTSN: UInt32(truncatingIfNeeded: link.b.sender.nextTSN + 5), window: 1)
        let packet = SCTPPacket(
            sourcePort: 5000, destinationPort: 5000, verificationTag: link.b.localTag, chunks: [.sack(sack)])
        link.deliver(packet.serialize(), to: .b)
        #expect(link.b.pollEvent() == .closed(.violation))
    }

    @Test func `a packet with another tag or port is not heard`() {
        var link = SCTPLink()
        link.connect()
        for (tag, port) in [(link.b.localTag &+ 1, UInt16(5000)), (link.b.localTag, 5001)] {
            let packet = SCTPPacket(
                sourcePort: port, destinationPort: 5000, verificationTag: tag,
                chunks: [.abort(reflectsTag: false, causes: [])])
            link.deliver(packet.serialize(), to: .b)
        }
        #expect(link.b.statistics.discardedPackets == 2)
        #expect(link.b.isConnected)
    }
}
