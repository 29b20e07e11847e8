import Media
import Testing

@Suite struct FrameReaderTests {
    /// The packets in `stream`, which arrives in pieces that end where `cuts` says.
    static func packets(_ stream: [UInt8], cutAt cuts: [Int] = []) throws(ParseError) -> [[UInt8]] {
        var reader = FrameReader()
        var packets: [[UInt8]] = []
        for (start, end) in zip([0] + cuts, cuts + [stream.count]) {
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: end - start, alignment: 1)
            defer { piece.deallocate() }
            piece.copyBytes(from: stream[start..<end])
            var input = UnsafeRawBufferPointer(piece)
            while let length = try reader.next(in: &input) {
                packets.append(Array(UnsafeRawBufferPointer(start: reader.packet, count: length)))
            }
        }
        return packets
    }

    static func framed(_ packets: [[UInt8]]) -> [UInt8] {
        packets.flatMap { packet in
            withUnsafeTemporaryAllocation(byteCount: FrameReader.headerSize, alignment: 2) { header in
                FrameReader.writeHeader(length: packet.count, to: header.baseAddress!)
                return Array(header) + packet
            }
        }
    }

    static let packets: [[UInt8]] = [
        [1], [2, 3, 4], Array(repeating: 7, count: 300), [], Array(repeating: 9, count: FrameReader.maximumLength), [5],
    ]
    static let whole = packets.filter { !$0.isEmpty }

    @Test func `packets come out as they went in, wherever the stream is cut`() throws {
        let stream = Self.framed(Self.packets)
        for cut in 0...stream.count {
            let read = try Self.packets(stream, cutAt: [cut])
            guard read == Self.whole else {
                Issue.record("cut at \(cut)")
                return
            }
        }
    }

    @Test func `packets come out as they went in, byte by byte`() throws {
        let stream = Self.framed(Self.packets)
        #expect(try Self.packets(stream, cutAt: Array(1..<stream.count)) == Self.whole)
    }

    @Test func `a packet is not out before its last byte is in`() throws {
        let stream = Self.framed([[1, 2, 3, 4]])
        for length in 0..<stream.count { #expect(try Self.packets(Array(stream[..<length])).isEmpty) }
        #expect(try Self.packets(stream) == [[1, 2, 3, 4]])
    }

    @Test func `a frame over the limit is refused with its header, before anything of it is kept`() {
        let header = Self.framed([Array(repeating: 0, count: FrameReader.maximumLength + 1)]).prefix(2)
        #expect(throws: ParseError.tooLarge("frame")) { try Self.packets(Array(header)) }
        #expect(throws: ParseError.tooLarge("frame")) { try Self.packets([0xFF, 0xFF, 0, 0]) }
    }
}
