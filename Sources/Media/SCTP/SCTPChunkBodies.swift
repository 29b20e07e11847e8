/// DATA (RFC 9260 §3.3.1): a message, or one fragment of it. The I bit is RFC 7053's.
struct SCTPData: Equatable {
    /// Of the chunk header and the fixed fields.
    static let headerSize = 16

    var tsn: UInt32
    var stream: UInt16
    var sequence: UInt16
    /// The payload protocol identifier.
    var ppid: UInt32
    var isUnordered = false
    var begins = true
    var ends = true
    var wantsImmediateSack = false
    var payload: ArraySlice<UInt8>

    var flags: UInt8 {
        (ends ? 1 : 0) | (begins ? 2 : 0) | (isUnordered ? 4 : 0) | (wantsImmediateSack ? 8 : 0)
    }

    func serialize(into writer: inout ByteWriter) {
        writer.write(tsn)
        writer.write(stream)
        writer.write(sequence)
        writer.write(ppid)
        writer.write(payload)
    }
}

extension SCTPData {
    init(parsing reader: inout ByteReader, flags: UInt8) throws(ParseError) {
        tsn = try reader.uint32()
        stream = try reader.uint16()
        sequence = try reader.uint16()
        ppid = try reader.uint32()
        ends = flags & 1 != 0
        begins = flags & 2 != 0
        isUnordered = flags & 4 != 0
        wantsImmediateSack = flags & 8 != 0
        // RFC 9260 §6.2 calls for an ABORT on DATA without data.
        if reader.isAtEnd { throw .malformed("empty DATA") }
        payload = reader.rest().array[...]
    }
}

/// What INIT and INIT ACK both say (RFC 9260 §3.3.2).
struct SCTPInitiation: Equatable {
    var tag: UInt32
    /// The advertised receive window in bytes.
    var window: UInt32
    var outgoingStreams: UInt16
    var incomingStreams: UInt16
    var initialTSN: UInt32
    var parameters: [SCTPParameter] = []

    var size: Int { parameters.reduce(16) { $0 + $1.paddedSize } }

    func serialize(into writer: inout ByteWriter) {
        writer.write(tag)
        writer.write(window)
        writer.write(outgoingStreams)
        writer.write(incomingStreams)
        writer.write(initialTSN)
        for parameter in parameters { parameter.serialize(into: &writer) }
    }
}

extension SCTPInitiation {
    init(parsing reader: inout ByteReader) throws(ParseError) {
        tag = try reader.uint32()
        window = try reader.uint32()
        outgoingStreams = try reader.uint16()
        incomingStreams = try reader.uint16()
        initialTSN = try reader.uint32()
        parameters = try SCTPParameter.list(parsing: &reader)
    }
}

/// SACK (RFC 9260 §3.3.4).
struct SCTPSack: Equatable {
    /// Offsets from the cumulative TSN, both ends included.
    struct GapBlock: Equatable {
        var first: UInt16
        var last: UInt16
    }

    var cumulativeTSN: UInt32
    /// The advertised receive window in bytes.
    var window: UInt32
    var gaps: [GapBlock] = []
    var duplicates: [UInt32] = []

    var size: Int { 12 + 4 * (gaps.count + duplicates.count) }

    func serialize(into writer: inout ByteWriter) {
        writer.write(cumulativeTSN)
        writer.write(window)
        writer.write(UInt16(clamping: gaps.count))
        writer.write(UInt16(clamping: duplicates.count))
        for gap in gaps {
            writer.write(gap.first)
            writer.write(gap.last)
        }
        for duplicate in duplicates { writer.write(duplicate) }
    }
}

extension SCTPSack {
    init(parsing reader: inout ByteReader) throws(ParseError) {
        cumulativeTSN = try reader.uint32()
        window = try reader.uint32()
        let gapCount = try reader.uint16()
        let duplicateCount = try reader.uint16()
        for _ in 0..<gapCount {
            let gap = GapBlock(first: try reader.uint16(), last: try reader.uint16())
            guard gap.first > 0, gap.first <= gap.last else { throw .malformed("SACK gap block") }
            gaps.append(gap)
        }
        for _ in 0..<duplicateCount { duplicates.append(try reader.uint32()) }
    }
}

/// FORWARD TSN (RFC 3758 §3.2): the sender has given up on everything up to `cumulativeTSN`.
struct SCTPForwardTSN: Equatable {
    /// The last message given up on in an ordered stream.
    struct Skip: Equatable {
        var stream: UInt16
        var sequence: UInt16
    }

    var cumulativeTSN: UInt32
    var skips: [Skip] = []

    var size: Int { 4 + 4 * skips.count }

    func serialize(into writer: inout ByteWriter) {
        writer.write(cumulativeTSN)
        for skip in skips {
            writer.write(skip.stream)
            writer.write(skip.sequence)
        }
    }
}

extension SCTPForwardTSN {
    init(parsing reader: inout ByteReader) throws(ParseError) {
        cumulativeTSN = try reader.uint32()
        while !reader.isAtEnd {
            skips.append(Skip(stream: try reader.uint16(), sequence: try reader.uint16()))
        }
    }
}
