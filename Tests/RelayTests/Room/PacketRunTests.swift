import Media
import Testing

@testable import Relay

@Suite struct PacketRunTests {
    private func equalised(_ lengths: [Int], extensions: [Int]? = nil) -> [Int] {
        var run = PacketRun()
        for (index, length) in lengths.enumerated() {
            var info = PacketInfo()
            info.extensionLength = UInt16(extensions?[index] ?? 0)
            info.payloadLength = UInt16(length)
            run.append(info)
        }
        run.equalise()
        return (0..<run.count).map { Int(run[$0].padding) }
    }

    /// How many messages packets of these lengths are: a packet ends one when it is shorter than those before it, and
    /// begins one when it is longer (`SendBatch`).
    private func messages(_ lengths: [Int]) -> Int {
        var (count, current) = (0, 0)
        for length in lengths {
            if length > current { count += 1 }
            current = length < current ? 0 : length
            if count == 0 { count = 1 }
        }
        return count
    }

    @Test(arguments: [
        ([1000], [0]),
        ([1000, 1000, 1000], [0, 0, 0]),
        // As libwebrtc divides a frame, and as we do.
        ([1107, 1107, 1108, 1108], [1, 1, 0, 0]),
        ([1048, 1049, 1048, 1049, 1048], [1, 0, 1, 0, 0]),
        // The last of a message may be shorter.
        ([1000, 1001, 990], [1, 0, 0]),
        ([1000, 1001, 400], [1, 0, 0]),
        ([1000, 1001, 400, 400, 402], [1, 0, 0, 2, 0]),
        // What differs by more is another message.
        ([400, 1000, 1001], [0, 1, 0]),
        ([1000, 1016], [16, 0]),
        ([1000, 1017], [0, 0]),
        ([1000, 1010, 1020], [10, 0, 0]),
    ])
    func `packets that differ by little are padded to the longest of them`(lengths: [Int], padding: [Int]) {
        #expect(equalised(lengths) == padding)
    }

    @Test func `a copy of a packet without header extensions has the head of their block all the same`() {
        #expect(equalised([1000, 1000, 996], extensions: [8, 0, 8]) == [0, 4, 0])
    }

    @Test func `whatever the lengths are, padding never makes more messages, nor a packet longer than its neighbours`()
    {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let base = Int.random(in: 20...1180, using: &random)
            let spread = Int.random(in: 0...40, using: &random)
            let lengths = (0..<Int.random(in: 1...16, using: &random)).map { _ in
                Int.random(in: base...base + spread, using: &random)
            }
            let padding = equalised(lengths)
            #expect(messages(zip(lengths, padding).map(+)) <= messages(lengths), "\(lengths)")
            #expect(padding.allSatisfy { $0 <= Rewrite.maximumPadding })
            #expect(zip(lengths, padding).map(+).max() == lengths.max())
        }
    }

    @Test func `a run is what the reader has before it, as much as fits`() {
        let ring = PacketRing(capacity: 64)
        var reader = PacketRing.Reader(atEndOf: ring)
        for number in 0..<20 {
            _ = ring.reserve()
            var info = PacketInfo()
            info.sequence = Int64(number)
            ring.publish(info)
        }
        var run = PacketRun()
        run.fill(from: &reader, of: ring)
        let first = (count: run.count, isFull: run.isFull, last: run[15].sequence)
        #expect(first == (16, true, 15))
        run.fill(from: &reader, of: ring)
        let second = (count: run.count, isFull: run.isFull, last: run[3].sequence)
        #expect(second == (4, false, 19))
    }
}

@Suite struct PaddedRewriteTests {
    private let payload: [UInt8] = [0x10, 1, 2, 3, 4, 5, 6, 7]

    /// The packet as a viewer with this rewrite gets it.
    private func written(_ flags: Rewrite.Flags, padding: UInt8) throws -> (header: RTPHeader, bytes: [UInt8]) {
        var info = PacketInfo()
        info.payloadLength = UInt16(payload.count)
        info.padding = padding
        let rewrite = Rewrite(index: 0, ssrc: 1, timestamp: 2, sequence: 3, payloadType: 96, layer: 0, flags: flags)
        var out = [UInt8](repeating: 0xEE, count: 256)
        let length = out.withUnsafeMutableBytes { room in
            payload.withUnsafeBytes {
                rewrite.write(info, bytes: $0.baseAddress!, transportSequence: 7, into: room.baseAddress!)
            }
        }
        #expect(out[length...].allSatisfy { $0 == 0xEE })
        let bytes = Array(out.prefix(length))
        return (try RTPHeader(parsing: bytes.span.bytes), bytes)
    }

    @Test(arguments: UInt8(1)...16)
    func `padding makes a packet longer and leaves its payload as it was`(padding: UInt8) throws {
        let plain = try written([.marker, .transportWide], padding: 0)
        let padded = try written([.marker, .transportWide], padding: padding)
        #expect(padded.bytes.count == plain.bytes.count + Int(padding))
        #expect(padded.header.paddingLength == Int(padding))
        #expect(padded.header.payload(of: padded.bytes.span.bytes).array == payload)
        #expect(padded.bytes.last == padding)
        #expect(padded.bytes.dropFirst().starts(with: plain.bytes.dropFirst()))
    }

    @Test(arguments: [Rewrite.Flags.marker, [.rtx, .transportWide], .rtx])
    func `what is sent again, or may be under its number, is never padded`(flags: Rewrite.Flags) throws {
        #expect(try written(flags, padding: 9).bytes == written(flags, padding: 0).bytes)
    }
}
