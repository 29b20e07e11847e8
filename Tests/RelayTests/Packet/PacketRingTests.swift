import Media
import Testing

@testable import Relay

@Suite struct `Packet ring` {
    private func append(_ number: Int64, to ring: PacketRing, length: Int = 8) {
        let bytes = ring.reserve()
        for offset in 0..<length {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: number), toByteOffset: offset, as: UInt8.self)
        }
        var info = PacketInfo()
        info.sequence = number
        info.payloadLength = UInt16(length)
        ring.publish(info)
    }

    @Test func `what is written is read in order, once`() {
        let ring = PacketRing(capacity: 64)
        var reader = PacketRing.Reader(atEndOf: ring)
        for number: Int64 in 0..<40 { append(number, to: ring) }
        for number: Int64 in 0..<40 {
            let info = reader.next(in: ring)
            #expect(info?.sequence == number)
            #expect(info?.index == number)
        }
        #expect(reader.next(in: ring)?.index == nil)
        #expect(reader.lost == 0)
    }

    @Test func `a new reader begins with what comes next`() {
        let ring = PacketRing(capacity: 64)
        append(0, to: ring)
        var reader = PacketRing.Reader(atEndOf: ring)
        append(1, to: ring)
        #expect(reader.next(in: ring)?.sequence == 1)
    }

    @Test func `a slot about to be overwritten is refused`() {
        let ring = PacketRing(capacity: 64)
        for number: Int64 in 0..<64 { append(number, to: ring) }
        #expect(ring.margin == 8)
        #expect(ring.info(at: 7)?.index == nil)
        #expect(ring.info(at: 8)?.sequence == 8)
        #expect(ring.isStillValid(1))
        #expect(!ring.isStillValid(0))
        #expect(ring.info(at: 64)?.index == nil)
        #expect(ring.info(at: -1)?.index == nil)
    }

    @Test func `a reader that was overrun says how much it lost and goes on`() {
        let ring = PacketRing(capacity: 64)
        var reader = PacketRing.Reader(atEndOf: ring)
        for number: Int64 in 0..<1000 { append(number, to: ring) }
        #expect(reader.next(in: ring)?.sequence == 944)
        #expect(reader.lost == 944)
        #expect(reader.next(in: ring)?.sequence == 945)
    }

    @Test func `the newest sender report outlives its slot`() {
        let ring = PacketRing(capacity: 16)
        #expect(ring.latestSenderReport == nil)
        let sample = SenderReportSample(
            ntp: 0xE000_0000_8000_0000, timestamp: 0xFFFF_FFFF, epoch: 3, arrival: Instant(nanoseconds: 77))
        ring.publish(senderReport: sample)
        #expect(ring.info(at: 0)?.kind == .senderReport)
        #expect(ring.info(at: 0)?.ntp == sample.ntp)
        for number: Int64 in 0..<100 { append(number, to: ring) }
        #expect(ring.latestSenderReport == sample)
    }

    /// Whether every byte, and the header, are of the same packet.
    private static func isWhole(_ info: PacketInfo, _ bytes: [UInt8]) -> Bool {
        info.sequence == info.index && info.timestamp == UInt32(truncatingIfNeeded: info.index)
            && bytes.allSatisfy { $0 == UInt8(truncatingIfNeeded: info.index) }
    }

    private static func read(_ ring: PacketRing, until last: Int64) async -> (read: Int64, lost: Int64, torn: Int) {
        var reader = PacketRing.Reader(at: 0)
        var (count, torn) = (Int64(0), 0)
        while reader.position < last {
            guard let info = reader.next(in: ring) else {
                await Task.yield()
                continue
            }
            let bytes = Array(
                UnsafeRawBufferPointer(start: ring.bytes(at: info.index), count: Int(info.payloadLength)))
            count += 1
            if ring.isStillValid(info.index), !isWhole(info, bytes) { torn += 1 }
        }
        return (count, reader.lost, torn)
    }

    @Test func `no reader on another thread ever takes torn data for whole`() async {
        let ring = PacketRing(capacity: 64)
        let total: Int64 = 60_000
        await withTaskGroup(of: (read: Int64, lost: Int64, torn: Int)?.self) { group in
            for _ in 0..<2 { group.addTask { await Self.read(ring, until: total) } }
            group.addTask {
                for number in 0..<total {
                    let bytes = ring.reserve()
                    let length = 200 + Int(number % 100)
                    bytes.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: number), count: length)
                    var info = PacketInfo()
                    info.sequence = number
                    info.timestamp = UInt32(truncatingIfNeeded: number)
                    info.payloadLength = UInt16(length)
                    ring.publish(info)
                    if number % 16 == 0 { await Task.yield() }
                }
                return nil
            }
            for await result in group {
                guard let result else { continue }
                #expect(result.torn == 0)
                #expect(result.read + result.lost == total)
            }
        }
    }
}
