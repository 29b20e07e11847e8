import Foundation
import Media
import Testing

/// The lines of a capture, a packet each, as decrypted by its receiver.
///
/// `chromium156_*` came from Chromium sending Opus and VP8 (320×180) and receiving the same; `aiortc116_rtcp` is what its
/// peer sent. That peer left out every packet whose transport-wide sequence number is 5 mod 37.
func capture(_ name: String) throws -> [[UInt8]] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "hex", subdirectory: "Fixtures/rtp"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { hex(String($0)) }
}

@Suite struct RTPCaptureTests {
    /// The identifiers Chromium offers.
    private enum ExtensionID {
        static let audioLevel: UInt8 = 1
        static let absSendTime: UInt8 = 2
        static let mid: UInt8 = 4
    }

    private func value(_ id: UInt8, of packet: [UInt8]) throws -> [UInt8]? {
        let header = try RTPHeader(parsing: packet.span.bytes)
        let found = header.extensions(of: packet.span.bytes).find(id: id)
        return found.map { Array(packet[$0.offset..<$0.offset + $0.length]) }
    }

    @Test func `Chromium's audio carries its level, mid and 20 ms of Opus`() throws {
        let packets = try capture("chromium156_opus")
        #expect(packets.count == 40)
        var previous: RTPHeader?
        for packet in packets {
            let header = try RTPHeader(parsing: packet.span.bytes)
            #expect(header.payloadType == 111)
            #expect(header.paddingLength == 0)
            #expect(header.extensionProfile == RTPHeader.oneByteProfile)
            #expect(try value(ExtensionID.audioLevel, of: packet)?.count == 1)
            #expect(try value(ExtensionID.mid, of: packet) == Array("0".utf8))
            let opus = try OpusPacket(parsing: header.payload(of: packet.span.bytes))
            #expect(opus.duration == .milliseconds(20))
            if let previous {
                #expect(header.sequenceNumber == previous.sequenceNumber &+ 1)
                #expect(header.timestamp == previous.timestamp &+ 960)
            }
            previous = header
        }
    }

    @Test func `Chromium's VP8 is put together and decoded`() throws {
        var depacketizer = VP8Depacketizer()
        let decoder = try VP8Decoder()
        var frames: [VP8Depacketizer.Frame] = []
        for packet in try capture("chromium156_vp8") {
            let header = try RTPHeader(parsing: packet.span.bytes)
            #expect(try value(ExtensionID.absSendTime, of: packet)?.count == 3)
            let frame = try depacketizer.receive(
                sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, marker: header.marker,
                payload: header.payload(of: packet.span.bytes))
            guard let frame else { continue }
            frames.append(frame)
            let pictures = try decoder.decode(frame.bytes, timestamp: frame.timestamp)
            #expect(pictures.map(\.width) == [320])
            #expect(pictures.map(\.height) == [180])
        }
        #expect(frames.count > 20)
        #expect(depacketizer.droppedFrames == 0)
        #expect(frames[0].isKeyframe)
        for (a, b) in zip(frames, frames.dropFirst()) {
            #expect(try #require(b.pictureID) == (try #require(a.pictureID) + 1) & 0x7FFF)
        }
    }

    @Test func `Chromium's RTX stream is repairs and probes of padding`() throws {
        let video = try capture("chromium156_vp8")
        var (repairs, probes) = (0, 0)
        for packet in try capture("chromium156_rtx") {
            let header = try RTPHeader(parsing: packet.span.bytes)
            #expect(header.payloadType == 97)
            if header.payloadLength == 0 {
                #expect(header.paddingLength > 0)
                probes += 1
                continue
            }
            repairs += 1
            let payload = header.payload(of: packet.span.bytes)
            let found = RTX.originalSequenceNumber(payload: payload)
            let number = try #require(found)
            let original = RTX.originalPayload(of: payload).array
            for candidate in video {
                let sent = try RTPHeader(parsing: candidate.span.bytes)
                guard sent.sequenceNumber == number else { continue }
                #expect(sent.timestamp == header.timestamp)
                let payload = sent.payload(of: candidate.span.bytes).array
                #expect(original == payload)
            }
        }
        #expect(repairs + probes == 12)
        #expect(probes > 0)
    }
}
