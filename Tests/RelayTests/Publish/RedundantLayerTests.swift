import Media
import Testing

@testable import Relay

/// The incoming side of redundant audio (RFC 2198).
@Suite struct RedundantLayerTests {
    private static let redundancy = Redundancy(payloadType: 100, primaryPayloadType: 109)

    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func layer(sendsNack: Bool = false) -> IncomingLayer {
        IncomingLayer(
            ring: PacketRing(capacity: 256),
            configuration: IncomingLayer.Configuration(
                codec: .audio, clockRate: 48_000, extensions: ExtensionMap(), sendsNack: sendsNack,
                redundancy: Self.redundancy))
    }

    /// The Opus packet of a number, each of another length.
    private func sound(_ number: Int) -> [UInt8] {
        [0x78, UInt8(number)] + [UInt8](repeating: UInt8(number), count: number % 7)
    }

    /// A redundant payload with the packets `older` before, in order.
    private func redundant(_ number: Int, older: [Int]) throws -> [UInt8] {
        let blocks = older.map { older in
            (payloadType: UInt8(109), timestampOffset: UInt16(960 * (number - older)), data: sound(older))
        }
        return try #require(RED.payload(older: blocks, primary: (109, sound(number))))
    }

    @discardableResult
    private func receive(
        _ number: Int, _ payload: [UInt8], payloadType: UInt8 = 100, by layer: IncomingLayer, isMuted: Bool = false
    ) throws -> IncomingEffects {
        var writer = ByteWriter()
        writer.write(UInt8(0x80))
        writer.write(payloadType)
        writer.write(UInt16(number))
        writer.write(UInt32(960 * number))
        writer.write(UInt32(1))
        writer.write(payload)
        var header = try RTPHeader(parsing: writer.bytes.span.bytes)
        if isMuted { header.payloadLength = 0 }
        return layer.receive(
            writer.bytes.span.bytes, header: header, arrival: at(Int64(20 * number)), isRetransmission: false)
    }

    private struct Stored: Equatable {
        var number: Int
        var timestamp: UInt32
        /// What repeats earlier packets.
        var redundancy: [UInt8]
        var sound: [UInt8]
    }

    private func stored(_ layer: IncomingLayer) -> [Stored] {
        (0..<layer.ring.end).compactMap { index in
            guard let info = layer.ring.info(at: index), info.kind == .media else { return nil }
            let bytes = Array(UnsafeRawBufferPointer(start: layer.ring.bytes(at: index), count: info.byteCount))
            return Stored(
                number: Int(info.sequence), timestamp: info.timestamp,
                redundancy: Array(bytes.prefix(Int(info.redundancyLength))),
                sound: Array(bytes.dropFirst(Int(info.redundancyLength))))
        }
    }

    @Test func `what the ring says of a packet fills a cache line and no more`() {
        #expect(MemoryLayout<PacketInfo>.stride == 64)
        #expect(MemoryLayout<Rewrite>.stride == 32)
    }

    @Test func `blocks get the payload type that viewers know, and the sound behind them stays as it came`() throws {
        let layer = layer()
        try receive(1, redundant(1, older: []), by: layer)
        try receive(2, redundant(2, older: [1]), by: layer)
        try receive(3, sound(3), payloadType: 109, by: layer)
        try receive(4, redundant(4, older: [2, 3]), by: layer)
        let packets = stored(layer)
        #expect(packets.map(\.number) == [1, 2, 3, 4])
        #expect(packets.map(\.sound) == [1, 2, 3, 4].map(sound))
        let heads: [[UInt8]] = [
            [111], [0xEF, 0x0F, 0x00, 3, 111], [], [0xEF, 0x1E, 0x00, 4, 0xEF, 0x0F, 0x00, 5, 111],
        ]
        #expect(packets.map(\.redundancy) == zip(heads, [[], sound(1), [], sound(2) + sound(3)]).map { $0 + $1 })
        #expect(layer.counters.recovered == 0)
    }

    @Test func `a packet is lost only when what repeats it is lost too`() throws {
        let layer = layer(sendsNack: true)
        for number in [1, 2, 4, 7, 11] {
            try receive(number, redundant(number, older: number < 2 ? [] : [number - 2, number - 1]), by: layer)
        }
        // 8 came with nothing.
        let packets = stored(layer)
        #expect(packets.map(\.number) == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11])
        #expect(packets.allSatisfy { $0.sound == sound($0.number) && $0.timestamp == UInt32(960 * $0.number) })
        #expect(packets.allSatisfy { $0.redundancy.isEmpty == [3, 5, 6, 9, 10].contains($0.number) })
        #expect(layer.counters.recovered == 5)
        #expect(layer.advance(to: at(230)).nack == [8])
        // The publisher is told of every loss all the same: its encoder goes by that.
        #expect(layer.reportBlock(at(230))?.cumulativeLost == 6)
    }

    @Test func `what comes after all is a duplicate`() throws {
        let layer = layer()
        for number in [1, 3, 2] { try receive(number, redundant(number, older: [number - 1]), by: layer) }
        #expect(stored(layer).map(\.number) == [1, 2, 3])
        #expect(layer.counters.duplicates == 1)
    }

    @Test func `what was not repeated is not taken for what was lost`() throws {
        let layer = layer()
        try receive(1, sound(1), payloadType: 109, by: layer)
        // 2 was too long to be repeated: the block is of 1.
        let payload = try #require(
            RED.payload(older: [(109, 1920, sound(1))], primary: (109, sound(3))))
        try receive(3, payload, by: layer)
        #expect(stored(layer).map(\.number) == [1, 3])
        #expect(layer.counters.recovered == 0)
    }

    @Test func `what was said while muted does not come out with what follows`() throws {
        let layer = layer()
        try receive(1, redundant(1, older: [0]), by: layer)
        for number in 2...4 {
            try receive(number, redundant(number, older: [number - 2, number - 1]), by: layer, isMuted: true)
        }
        for number in 5...8 { try receive(number, redundant(number, older: [number - 2, number - 1]), by: layer) }
        let packets = stored(layer)
        #expect(packets.map(\.number) == [1, 5, 6, 7, 8])
        #expect(packets.map(\.redundancy.isEmpty) == [false, true, true, false, false])
        #expect(packets.allSatisfy { $0.sound == sound($0.number) })
    }

    @Test func `a broken payload is refused and the next one taken`() throws {
        let layer = layer()
        let whole = try redundant(2, older: [0, 1])
        let broken: [[UInt8]] =
            (1...whole.count - sound(2).count).map { Array(whole.prefix($0)) } + [
                // Blocks of a payload type that was not agreed.
                try #require(RED.payload(older: [(0, 960, [1])], primary: (109, [2]))),
                try #require(RED.payload(older: [(109, 960, [1])], primary: (0, [2]))),
                Array(repeatElement([0xED, 0, 0, 0], count: 40).joined()),
            ]
        for (number, payload) in broken.enumerated() { try receive(number, payload, by: layer) }
        #expect(layer.ring.end == 0)
        #expect(layer.counters.refused == UInt64(broken.count))
        try receive(broken.count, redundant(broken.count, older: []), by: layer)
        #expect(layer.ring.end == 1)
    }

    @Test func `hostile payloads never put more into the ring than they have`() throws {
        var generator = SeededGenerator(seed: 12)
        let layer = layer()
        for number in 0..<5000 {
            var payload = try redundant(number % 200 + 2, older: [number % 200, number % 200 + 1])
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                payload[Int.random(in: 0..<payload.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let before = layer.ring.end
            try receive(number * 2, payload, by: layer)
            for index in before..<layer.ring.end {
                let info = try #require(layer.ring.info(at: index))
                #expect(info.payloadLength > info.redundancyLength)
                #expect(info.payloadLength <= payload.count)
            }
        }
    }

    @Test func `rates are told without what is repeated and with it`() throws {
        let layer = layer()
        let sound = [UInt8](repeating: 1, count: 100)
        for number in 1...100 {
            let older = (payloadType: UInt8(109), timestampOffset: UInt16(960), data: sound)
            try receive(number, #require(RED.payload(older: [older], primary: (109, sound))), by: layer)
        }
        let rates = layer.readRates(at(2000))
        // 50 packets a second: header, sound and what the line adds; then five bytes of heads and the sound again.
        let alone = Double(8 * 50 * (12 + 100 + 44))
        #expect(abs(Double(rates[0]) / alone - 1) < 0.1)
        #expect(abs(Double(rates[3] - rates[0]) / Double(rates[0]) - 105.0 / 156) < 0.01)
    }
}
