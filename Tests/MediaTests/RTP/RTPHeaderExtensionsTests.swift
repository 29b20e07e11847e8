import Media
import Testing

@Suite struct RTPHeaderExtensionsTests {
    struct Element: Equatable {
        var id: UInt8
        var value: [UInt8]
    }

    /// The elements of a packet whose extension has this profile and these bytes.
    private func elements(profile: UInt16, _ bytes: [UInt8]) throws -> [Element] {
        var writer = ByteWriter()
        writer.write(hex("9060 0001 00000002 00000003"))
        writer.write(profile)
        writer.write(UInt16(bytes.count / 4))
        writer.write(bytes)
        return try elements(of: writer.bytes + [0xFF])
    }

    private func elements(of packet: [UInt8]) throws -> [Element] {
        let header = try RTPHeader(parsing: packet.span.bytes)
        var extensions = header.extensions(of: packet.span.bytes)
        var elements: [Element] = []
        while let element = extensions.next() {
            let value = Array(packet[element.offset..<element.offset + element.length])
            elements.append(Element(id: element.id, value: value))
        }
        return elements
    }

    /// A packet of the writer's making, and what `finish` said.
    private func written(_ elements: [Element], room: Int = 600) -> (packet: [UInt8], length: Int, accepted: [Bool]) {
        var packet = hex("9060 0001 00000002 00000003") + [UInt8](repeating: 0xEE, count: room)
        var accepted: [Bool] = []
        let length = packet.withUnsafeMutableBytes { bytes in
            var writer = RTPExtensionWriter(UnsafeMutableRawBufferPointer(rebasing: bytes[12...]))
            for element in elements { accepted.append(writer.append(id: element.id, element.value.span.bytes)) }
            return writer.finish()
        }
        return (Array(packet.prefix(12 + length)), length, accepted)
    }

    @Test func `one-byte elements and their padding`() throws {
        let found = try elements(profile: 0xBEDE, hex("10FF 31AABB 00 22010203 0000"))
        #expect(
            found == [
                Element(id: 1, value: [0xFF]), Element(id: 3, value: [0xAA, 0xBB]),
                Element(id: 2, value: [1, 2, 3]),
            ])
    }

    @Test(arguments: [0x1000, 0x1005, 0x100F] as [UInt16]) func `two-byte elements, empty ones included`(
        profile: UInt16
    ) throws {
        let found = try elements(profile: profile, hex("0100 00 0F02AABB FF01CC 00 00"))
        #expect(
            found == [
                Element(id: 1, value: []), Element(id: 15, value: [0xAA, 0xBB]), Element(id: 255, value: [0xCC]),
            ])
    }

    @Test(arguments: ["10FF F000", "10FF 0201", "10FF 31AA"]) func `a bad one-byte element ends the walk`(
        bytes: String
    ) throws {
        #expect(try elements(profile: 0xBEDE, hex(bytes)) == [Element(id: 1, value: [0xFF])])
    }

    @Test(arguments: ["0101FF 02", "0101FF00 02030000"]) func `a two-byte element that runs out ends the walk`(
        bytes: String
    ) throws {
        #expect(try elements(profile: 0x1000, hex(bytes)) == [Element(id: 1, value: [0xFF])])
    }

    @Test func `another profile has no elements`() throws {
        #expect(try elements(profile: 0xABCD, hex("10FF10FF")).isEmpty)
    }

    @Test func `find looks at all elements wherever the walk has got to`() throws {
        let packet = RTPHeaderTests.full
        let header = try RTPHeader(parsing: packet.span.bytes)
        var extensions = header.extensions(of: packet.span.bytes)
        while extensions.next() != nil {}
        let (first, third, none) = (extensions.find(id: 1), extensions.find(id: 3), extensions.find(id: 2))
        #expect(first?.offset == 25 && first?.length == 1)
        #expect(third?.offset == 27 && third?.length == 2)
        #expect(none == nil)
    }

    @Test func `short elements are written in one-byte form`() throws {
        let elements = [
            Element(id: 1, value: [9]), Element(id: 14, value: [UInt8](1...16)), Element(id: 4, value: [1, 2, 3]),
        ]
        let (packet, length, accepted) = written(elements)
        #expect(accepted == [true, true, true])
        #expect(length == 28)
        #expect(Array(packet[12..<16]) == hex("BEDE0006"))
        #expect(try self.elements(of: packet) == elements)
    }

    @Test(arguments: [
        Element(id: 15, value: [1]), Element(id: 200, value: [1, 2]), Element(id: 3, value: []),
        Element(id: 3, value: [UInt8](repeating: 7, count: 17)),
        Element(id: 3, value: [UInt8](repeating: 7, count: 255)),
    ]) func `an element that needs it moves all to two-byte form`(odd: Element) throws {
        let elements = [Element(id: 1, value: [9]), Element(id: 2, value: [1, 2, 3]), odd, Element(id: 4, value: [5])]
        let (packet, length, _) = written(elements)
        #expect(length % 4 == 0)
        #expect(packet[12] == 0x10)
        #expect(try self.elements(of: packet) == elements)
    }

    @Test func `nothing is written without an element or without room`() throws {
        #expect(written([]).length == 0)
        #expect(written([Element(id: 0, value: [1])]).length == 0)
        #expect(written([Element(id: 1, value: [1])], room: 6).accepted == [false])
        // The second element would need both to grow.
        let tight = written([Element(id: 1, value: [1]), Element(id: 15, value: [2])], room: 8)
        #expect(tight.accepted == [true, false])
        #expect(try elements(of: tight.packet) == [Element(id: 1, value: [1])])
    }

    @Test func `integers are written big-endian`() throws {
        var packet = hex("9060 0001 00000002 00000003") + [UInt8](repeating: 0, count: 16)
        packet.withUnsafeMutableBytes { bytes in
            var writer = RTPExtensionWriter(UnsafeMutableRawBufferPointer(rebasing: bytes[12...]))
            writer.append(id: 3, 0x0001_0203, length: 3)
            writer.append(id: 5, 0xABCD, length: 2)
            _ = writer.finish()
        }
        #expect(
            try elements(of: packet) == [Element(id: 3, value: [1, 2, 3]), Element(id: 5, value: [0xAB, 0xCD])])
    }

    @Test func `any mix of elements reads back as written`() throws {
        var generator = RTPTestGenerator(seed: 2)
        for _ in 0..<500 {
            let elements = (0..<Int.random(in: 1...8, using: &generator)).map { _ in
                let isShort = Int.random(in: 0..<8, using: &generator) != 0
                let length = Int.random(in: isShort ? 1...16 : 0...40, using: &generator)
                let id = UInt8.random(in: isShort ? 1...14 : 1...255, using: &generator)
                return Element(id: id, value: generator.bytes(length))
            }
            #expect(try self.elements(of: written(elements).packet) == elements)
        }
    }

    @Test(arguments: 0...255 as ClosedRange<UInt8>) func `an audio level is one byte`(byte: UInt8) {
        let level = AudioLevel(byte: byte)
        #expect(level.byte == byte)
        #expect(level.voice == (byte >= 128))
        #expect(level.level == byte % 128)
    }
}
