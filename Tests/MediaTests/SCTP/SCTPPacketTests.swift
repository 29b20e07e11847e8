@testable import Media
import Testing

@Suite struct SCTPPacketTests {
    static let chunks: [SCTPChunk] = [
        .data(
            SCTPData(
                tsn: 1, stream: 2, sequence: 3, ppid: 51, isUnordered: true, begins: true, ends: false,
                wantsImmediateSack: true, payload: [1, 2, 3])),
        .initiate(
            SCTPInitiation(
                tag: 5, window: 6, outgoingStreams: 7, incomingStreams: 8, initialTSN: 9,
                parameters: [SCTPParameter(type: 0xC000, value: []), SCTPParameter(type: 0x8008, value: [130, 192])])),
        .initiateAck(
            SCTPInitiation(
                tag: 5, window: 6, outgoingStreams: 7, incomingStreams: 8, initialTSN: 9,
                parameters: [SCTPParameter(type: 7, value: [1, 2, 3, 4, 5])])),
        .sack(
            SCTPSack(
                cumulativeTSN: 1, window: 2, gaps: [.init(first: 2, last: 3), .init(first: 5, last: 5)],
                duplicates: [9, 10])),
        .heartbeat([0, 1, 0, 8, 1, 2, 3, 4]),
        .heartbeatAck([0, 1, 0, 8, 1, 2, 3, 4]),
        .abort(reflectsTag: true, causes: [SCTPParameter(type: 12, value: [1])]),
        .shutdown(cumulativeTSN: 77),
        .shutdownAck,
        .error([SCTPParameter(type: 1, value: [0, 1, 0, 0])]),
        .cookieEcho([1, 2, 3, 4, 5, 6]),
        .cookieAck,
        .shutdownComplete(reflectsTag: true),
        .reconfigure([
            SCTPStreamReset.Request(sequence: 1, answers: 2, lastTSN: 3, streams: [4, 5, 6]).parameter,
            SCTPParameter(type: 16, value: [0, 0, 0, 1, 0, 0, 0, 1]),
        ]),
        .forwardTSN(SCTPForwardTSN(cumulativeTSN: 3, skips: [.init(stream: 1, sequence: 2)])),
        .unknown(type: 0xFE, value: [1, 2, 3, 4, 5]),
    ]

    @Test(arguments: chunks) func `what is written reads back, alone and behind another`(chunk: SCTPChunk) throws {
        for list in [[chunk], [.cookieAck, chunk], [chunk, .cookieAck]] {
            let packet = SCTPPacket(
                sourcePort: 5000, destinationPort: 5001, verificationTag: 0xDEAD_BEEF, chunks: list)
            let bytes = packet.serialize()
            #expect(bytes.count == list.reduce(12) { $0 + $1.paddedSize })
            #expect(try SCTPPacket(parsing: bytes.span.bytes) == packet)
        }
    }

    @Test(arguments: chunks) func `a packet cut at any byte is refused`(chunk: SCTPChunk) throws {
        let bytes = packet([chunk])
        for length in 0..<bytes.count {
            let cut = Array(bytes.prefix(length))
            #expect(throws: ParseError.self) { try SCTPPacket(parsing: cut.span.bytes) }
        }
    }

    /// With the checksum made right only padding can be missing, and lists may be shorter.
    @Test(arguments: chunks) func `a chunk cut at any byte never reads past its end`(chunk: SCTPChunk) throws {
        let bytes = packet([chunk])
        for length in 12..<bytes.count {
            let cut = sealed(Array(bytes.prefix(length)))
            let unpadded = Int(bytes[14]) << 8 | Int(bytes[15]) + 12
            if length < unpadded {
                #expect(throws: ParseError.self) { try SCTPPacket(parsing: cut.span.bytes) }
            } else {
                #expect(try SCTPPacket(parsing: cut.span.bytes).chunks == [chunk])
            }
            // The length field agrees with the cut.
            guard length >= 16 else { continue }
            var shortened = cut
            shortened[14] = 0
            shortened[15] = UInt8(length - 12)
            shortened = sealed(shortened)
            _ = try? SCTPPacket(parsing: shortened.span.bytes)
        }
    }

    @Test func `a flipped bit is refused`() {
        let bytes = packet(Array(Self.chunks.prefix(4)))
        for index in bytes.indices {
            var flipped = bytes
            flipped[index] ^= 0x10
            #expect(throws: ParseError.malformed("SCTP checksum")) { try SCTPPacket(parsing: flipped.span.bytes) }
        }
    }

    @Test func `the zero checksum is refused`() {
        var bytes = packet([.cookieAck])
        bytes.replaceSubrange(8..<12, with: [0, 0, 0, 0])
        #expect(throws: ParseError.malformed("SCTP checksum")) { try SCTPPacket(parsing: bytes.span.bytes) }
    }

    @Test func `an unknown chunk that says so ends the packet`() throws {
        let stopping = packet([.cookieAck, .unknown(type: 0x3F, value: []), .shutdownAck])
        #expect(try SCTPPacket(parsing: stopping.span.bytes).chunks.count == 2)
        let passing = packet([.cookieAck, .unknown(type: 0xBF, value: []), .shutdownAck])
        #expect(try SCTPPacket(parsing: passing.span.bytes).chunks.count == 3)
    }

    @Test func `a cookie opens only with its key and unaltered`() throws {
        let cookie = SCTPCookie(
            issued: Instant(nanoseconds: -5), localTag: 1, localInitialTSN: 2, peerTag: 3, peerInitialTSN: 4,
            peerWindow: 5, outgoingStreams: 6, incomingStreams: 7, canSkip: true, canReset: false,
            tieTags: .init(local: 8, peer: 9))
        let key = [UInt8](repeating: 1, count: 32)
        let bytes = cookie.serialize(key: key)
        #expect(try SCTPCookie(parsing: bytes, key: key) == cookie)
        #expect(throws: ParseError.self) { try SCTPCookie(parsing: bytes, key: [2]) }
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 1
            #expect(throws: ParseError.self) { try SCTPCookie(parsing: altered, key: key) }
            #expect(throws: ParseError.self) { try SCTPCookie(parsing: Array(bytes.prefix(index)), key: key) }
        }
    }

    private func packet(_ chunks: [SCTPChunk]) -> [UInt8] {
        SCTPPacket(sourcePort: 5000, destinationPort: 5000, verificationTag: 1, chunks: chunks).serialize()
    }
}

/// The same packet with its checksum made right.
func sealed(_ packet: [UInt8]) -> [UInt8] {
    guard packet.count >= 12 else { return packet }
    let checksum = SCTPPacket.checksum(packet.span.bytes)
    var packet = packet
    for index in 0..<4 { packet[8 + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index)) }
    return packet
}
