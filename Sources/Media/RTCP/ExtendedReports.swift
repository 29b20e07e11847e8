/// XR (RFC 3611): the two blocks with which a receiver that sends nothing measures the round trip, receiver reference
/// time (§4.4) and DLRR (§4.5). Other blocks are skipped.
package struct ExtendedReports: Sendable, Equatable {
    private enum BlockType {
        static let receiverReferenceTime: UInt8 = 4
        static let delaySinceLastRR: UInt8 = 5
    }

    package struct Delay: Sendable, BitwiseCopyable, Equatable {
        /// Whose reference time is answered.
        package var ssrc: UInt32
        /// The middle 32 bits of that reference time.
        package var lastRR: UInt32
        /// In 1/65536 s.
        package var delaySinceLastRR: UInt32

        package init(ssrc: UInt32, lastRR: UInt32, delaySinceLastRR: UInt32) {
            self.ssrc = ssrc
            self.lastRR = lastRR
            self.delaySinceLastRR = delaySinceLastRR
        }
    }

    package var ssrc: UInt32
    package var receiverReferenceTime: NTPTime?
    package var delays: [Delay]

    package init(ssrc: UInt32, receiverReferenceTime: NTPTime? = nil, delays: [Delay] = []) {
        self.ssrc = ssrc
        self.receiverReferenceTime = receiverReferenceTime
        self.delays = delays
    }

    init(parsing body: RawSpan) throws(ParseError) {
        var reader = ByteReader(body)
        ssrc = try reader.uint32()
        receiverReferenceTime = nil
        delays = []
        while !reader.isAtEnd {
            let type = try reader.uint8()
            try reader.skip(1)
            let length = 4 * Int(try reader.uint16())
            var block = ByteReader(try reader.span(length))
            switch type {
            case BlockType.receiverReferenceTime:
                receiverReferenceTime = NTPTime(rawValue: try block.uint64())
            case BlockType.delaySinceLastRR:
                while block.remaining >= 12 {
                    delays.append(
                        Delay(
                            ssrc: try block.uint32(), lastRR: try block.uint32(),
                            delaySinceLastRR: try block.uint32()))
                }
            default:
                break
            }
        }
    }

    package func serialize(into writer: inout ByteWriter) {
        writer.writeRTCP(.extendedReports, count: 0) { writer in
            writer.write(ssrc)
            if let receiverReferenceTime {
                writer.write(UInt32(BlockType.receiverReferenceTime) << 24 | 2)
                writer.write(receiverReferenceTime.rawValue)
            }
            if !delays.isEmpty {
                writer.write(UInt32(BlockType.delaySinceLastRR) << 24 | UInt32(3 * delays.count))
                for delay in delays {
                    writer.write(delay.ssrc)
                    writer.write(delay.lastRR)
                    writer.write(delay.delaySinceLastRR)
                }
            }
        }
    }
}
