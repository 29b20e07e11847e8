/// The packet status chunks and receive deltas (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.1–3.1.5).
extension TransportFeedback {
    /// Packet status symbols: how many bytes of delta a packet has.
    private enum Symbol {
        static let lost: UInt8 = 0
        static let small: UInt8 = 1
        static let large: UInt8 = 2
    }

    /// What a 13-bit run length can say.
    private static let maximumRun = 0x1FFF

    init(parsing body: RawSpan) throws(ParseError) {
        var reader = ByteReader(body)
        senderSSRC = try reader.uint32()
        mediaSSRC = try reader.uint32()
        baseSequence = try reader.uint16()
        statusCount = try reader.uint16()
        referenceTime = Int32(signExtending24: try reader.uint24())
        feedbackCount = try reader.uint8()
        guard statusCount > 0 else { throw .malformed("transport feedback status count") }

        var runs: [(symbol: UInt8, count: Int)] = []
        var total = 0
        while total < Int(statusCount) {
            let before = runs.count
            Self.expand(chunk: try reader.uint16(), into: &runs)
            // The last chunk may say more than there are packets.
            for index in before..<runs.count {
                guard runs[index].symbol <= Symbol.large else { throw .malformed("transport feedback symbol") }
                runs[index].count = min(runs[index].count, Int(statusCount) - total)
                total += runs[index].count
            }
        }

        received = []
        var index = 0
        for run in runs {
            if run.symbol == Symbol.lost {
                index += run.count
                continue
            }
            for _ in 0..<run.count {
                let delta =
                    run.symbol == Symbol.small ? Int16(try reader.uint8()) : Int16(bitPattern: try reader.uint16())
                received.append(Received(index: UInt16(index), delta: delta))
                index += 1
            }
        }
    }

    private static func expand(chunk: UInt16, into runs: inout [(symbol: UInt8, count: Int)]) {
        if chunk & 0x8000 == 0 {
            runs.append((UInt8(chunk >> 13 & 3), Int(chunk) & maximumRun))
        } else if chunk & 0x4000 == 0 {
            for shift in stride(from: 13, through: 0, by: -1) { runs.append((UInt8(chunk >> UInt16(shift) & 1), 1)) }
        } else {
            for shift in stride(from: 12, through: 0, by: -2) { runs.append((UInt8(chunk >> UInt16(shift) & 3), 1)) }
        }
    }

    /// Ends in RFC 3550 padding when the deltas do not fill a word, and then must be the last packet of its compound.
    package func serialize(into writer: inout ByteWriter) {
        writer.writeRTCP(.transportFeedback, count: RTCPHeader.TransportFormat.transportWide, isPadded: true) {
            writer in
            writer.write(senderSSRC)
            writer.write(mediaSSRC)
            writer.write(baseSequence)
            writer.write(statusCount)
            writer.write24(UInt32(bitPattern: referenceTime))
            writer.write(feedbackCount)
            writeChunks(into: &writer)
            for packet in received {
                if let small = UInt8(exactly: packet.delta) {
                    writer.write(small)
                } else {
                    writer.write(UInt16(bitPattern: packet.delta))
                }
            }
        }
    }

    /// Chooses chunk by chunk: a run when the next symbols are alike for at least as many as a vector holds, a vector of
    /// 14 when none of them is large, else of 7.
    private func writeChunks(into writer: inout ByteWriter) {
        var symbols = SymbolRuns(self)
        while symbols.remaining > 0 {
            let run = symbols.runLength
            let window = symbols.peek(14)
            let hasLarge = window.contains(Symbol.large)
            if run >= 14 || run == symbols.remaining || (hasLarge && run >= 7) {
                let length = min(run, Self.maximumRun)
                writer.write(UInt16(window[0]) << 13 | UInt16(length))
                symbols.drop(length)
            } else if !hasLarge {
                var chunk: UInt16 = 0x8000
                for (index, symbol) in window.enumerated() { chunk |= UInt16(symbol) << UInt16(13 - index) }
                writer.write(chunk)
                symbols.drop(min(14, symbols.remaining))
            } else {
                var chunk: UInt16 = 0xC000
                for (index, symbol) in window.prefix(7).enumerated() {
                    chunk |= UInt16(symbol) << UInt16(12 - 2 * index)
                }
                writer.write(chunk)
                symbols.drop(min(7, symbols.remaining))
            }
        }
    }

    /// The status symbols still to write, without a list of the lost ones.
    private struct SymbolRuns {
        private let received: [Received]
        private var next = 0
        private var position = 0
        private let end: Int

        init(_ feedback: TransportFeedback) {
            received = feedback.received
            end = Int(feedback.statusCount)
        }

        var remaining: Int { end - position }

        private func symbol(of packet: Received) -> UInt8 {
            UInt8(exactly: packet.delta) == nil ? Symbol.large : Symbol.small
        }

        /// How many equal symbols come next.
        var runLength: Int {
            guard next < received.count else { return remaining }
            guard received[next].index == position else { return Int(received[next].index) - position }
            let first = symbol(of: received[next])
            var count = 1
            while next + count < received.count, received[next + count].index == position + count,
                symbol(of: received[next + count]) == first
            {
                count += 1
            }
            return count
        }

        /// The next `count` symbols, or what is left of them.
        func peek(_ count: Int) -> [UInt8] {
            var symbols = [UInt8](repeating: Symbol.lost, count: min(count, remaining))
            for packet in received[next...] {
                let offset = Int(packet.index) - position
                if offset >= symbols.count { break }
                symbols[offset] = symbol(of: packet)
            }
            return symbols
        }

        mutating func drop(_ count: Int) {
            position += count
            while next < received.count, received[next].index < position { next += 1 }
        }
    }
}
