import Media
import Testing

@Suite struct BytesTests {
    @Test func `what a writer wrote a reader reads back`() throws {
        var writer = ByteWriter()
        writer.write(UInt8(1))
        writer.write(UInt16(0x0203))
        writer.write24(0x04_0506)
        writer.write(UInt32(0x0708_090A))
        writer.write(UInt64(0x0B0C_0D0E_0F10_1112))
        writer.write([0x13, 0x14])
        #expect(writer.bytes == Array(1...0x14))
        let bytes = writer.bytes
        var reader = ByteReader(bytes.span.bytes)
        #expect(try reader.uint8() == 1)
        #expect(try reader.uint16() == 0x0203)
        #expect(try reader.uint24() == 0x04_0506)
        #expect(try reader.uint32() == 0x0708_090A)
        #expect(try reader.uint64() == 0x0B0C_0D0E_0F10_1112)
        #expect(try reader.bytes(2) == [0x13, 0x14])
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
    }

    @Test(arguments: 0..<8) func `a read past the end throws and consumes nothing`(length: Int) throws {
        let bytes = [UInt8](repeating: 7, count: length)
        var reader = ByteReader(bytes.span.bytes)
        do {
            _ = try reader.uint64()
            Issue.record("read eight bytes out of \(length)")
        } catch {
            #expect(error == .truncated)
        }
        let offset = reader.offset
        #expect(offset == 0)
    }

    @Test func `serial numbers order across the wrap`() {
        #expect(SerialNumber<UInt16>(65535) < SerialNumber(0))
        #expect(SerialNumber<UInt16>(0) > SerialNumber(65535))
        #expect(!(SerialNumber<UInt16>(0) < SerialNumber(32768)))
        #expect(!(SerialNumber<UInt16>(32768) < SerialNumber(0)))
        #expect(SerialNumber<UInt16>(2).distance(from: SerialNumber(65534)) == 4)
        #expect(SerialNumber<UInt16>(65534).distance(from: SerialNumber(2)) == -4)
    }

    @Test func `unwrapping survives reordering around the wrap`() {
        var unwrapper = SequenceUnwrapper()
        #expect([65534, 0, 65535, 1, 65533].map { unwrapper.unwrap($0) } == [65534, 65536, 65535, 65537, 65533])
    }

    @Test func `durations convert to nanoseconds and back`() {
        let start = Instant(nanoseconds: 5)
        #expect((start + .milliseconds(3)).nanoseconds == 3_000_005)
        #expect(start + .milliseconds(3) - start == .milliseconds(3))
        #expect((start - .seconds(1)).nanoseconds == 5 - 1_000_000_000)
    }
}
