@testable import Media

extension Fuzz {
    static func sdp(_ bytes: RawSpan) {
        let text = String(decoding: bytes.array, as: UTF8.self)
        guard let description = try? SessionDescription(parsing: text) else { return }
        let written = description.serialized()
        // What is added to each section can carry a description over a limit that it was just below.
        guard written.utf8.count <= SessionDescription.maximumText else { return }
        do throws(ParseError) {
            law(try SessionDescription(parsing: written) == description, "SDP reads as it was written")
        } catch {
            if case .tooLarge = error { return }
            law(false, "SDP that is written can be read")
        }
    }

    static func rtp(_ bytes: RawSpan) {
        guard let header = try? RTPHeader(parsing: bytes) else { return }
        law(header.payloadOffset + header.payloadLength + header.paddingLength == bytes.byteCount, "RTP has no gaps")
        _ = RTX.originalPayload(of: header.payload(of: bytes))
        _ = RTX.originalSequenceNumber(payload: header.payload(of: bytes))
        // In two-byte form an element takes a byte more.
        var output = [UInt8](repeating: 0, count: 2 * bytes.byteCount + 64)
        var elements: [(id: UInt8, value: [UInt8])] = []
        output.withUnsafeMutableBytes { memory in
            var writer = RTPExtensionWriter(UnsafeMutableRawBufferPointer(rebasing: memory[RTPHeader.fixedLength...]))
            var walk = header.extensions(of: bytes)
            let end = header.extensionOffset + header.extensionLength
            while let (id, offset, length) = walk.next() {
                law(offset >= header.extensionOffset && offset + length <= end, "elements lie in the extension")
                let value = bytes.extracting(offset..<offset + length)
                if writer.append(id: id, value) { elements.append((id, value.array)) }
            }
            let length = writer.finish()
            RTPHeader.write(
                to: memory.baseAddress!, marker: header.marker, payloadType: header.payloadType,
                sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, ssrc: header.ssrc,
                hasExtension: length > 0)
            let again = UnsafeRawBufferPointer(rebasing: memory.prefix(RTPHeader.fixedLength + length)).bytes
            check(elements, of: again)
        }
    }

    private static func check(_ elements: [(id: UInt8, value: [UInt8])], of packet: RawSpan) {
        guard let header = try? RTPHeader(parsing: packet) else {
            return law(false, "RTP that is written can be read")
        }
        var walk = header.extensions(of: packet)
        for element in elements {
            // Identifier 15 ends a walk of one-byte elements, so the writer must not have used that form for it.
            guard let (id, offset, length) = walk.next() else { return law(false, "no element is lost") }
            law(id == element.id, "elements keep their identifiers")
            law(packet.extracting(offset..<offset + length).array == element.value, "elements keep their values")
        }
        law(walk.next() == nil, "no element is added")
    }

    static func rtcp(_ bytes: RawSpan) {
        guard let packets = try? RTCPCompound.parse(bytes) else { return }
        for packet in packets {
            if case .transportFeedback(let feedback) = packet {
                law(feedback.statuses().count == Int(feedback.statusCount), "feedback tells of each packet once")
            }
            let written = RTCPCompound.serialize([packet])
            guard let again = try? RTCPCompound.parse(written.span.bytes), again.count == 1 else {
                law(written.count > RTCPCompound.maximumByteCount, "RTCP that is written can be read")
                continue
            }
            law(isSame(packet, again[0]), "RTCP reads as it was written")
        }
    }

    private static func isSame(_ a: RTCPPacket, _ b: RTCPPacket) -> Bool {
        switch (a, b) {
        // Items that say the same number twice are merged.
        case (.nack(let a), .nack(let b)): Set(a.sequenceNumbers) == Set(b.sequenceNumbers)
        // What was not padded to four bytes is.
        case (.unknown(let a), .unknown(let b)):
            a.packetType == b.packetType && a.format == b.format && b.body.starts(with: a.body)
        default: a == b
        }
    }

    static func vp8(_ bytes: RawSpan) {
        guard let descriptor = try? VP8Descriptor(parsing: bytes) else { return }
        law(descriptor.length <= bytes.byteCount, "a descriptor lies in its packet")
        _ = VP8Payload.keyframeSize(bytes, descriptor)
        var copy = bytes.array
        copy.withUnsafeMutableBytes { memory in
            descriptor.patchPictureID(0x1234, in: memory.baseAddress!)
            descriptor.patchTL0PictureIndex(0x56, in: memory.baseAddress!)
        }
        var expected = descriptor
        if descriptor.pictureID != nil { expected.pictureID = descriptor.pictureIDIs15Bit ? 0x1234 : 0x34 }
        if descriptor.tl0PictureIndex != nil { expected.tl0PictureIndex = 0x56 }
        law((try? VP8Descriptor(parsing: copy.span.bytes)) == expected, "a patch changes its field and nothing else")
        var writer = ByteWriter()
        expected.serialize(into: &writer)
        law((try? VP8Descriptor(parsing: writer.bytes.span.bytes)) == expected, "a descriptor reads as it was written")
    }

    /// Payloads of one stream, each behind a byte of sequence step, a byte of timestamp and marker, and one of length.
    static func frames(_ bytes: RawSpan) {
        var depacketizer = VP8Depacketizer()
        var reader = ByteReader(bytes)
        var sequence: UInt16 = 65_530
        while let step = try? reader.uint8(), let time = try? reader.uint8(), let length = try? reader.uint8(),
            let payload = try? reader.bytes(min(Int(length), reader.remaining))
        {
            sequence &+= UInt16(step & 3)
            let frame = try? depacketizer.receive(
                sequenceNumber: sequence, timestamp: UInt32(time >> 1), marker: time & 1 != 0,
                payload: payload.span.bytes)
            if let frame { law(frame.bytes.count <= bytes.byteCount, "a frame is made of what came") }
        }
    }

    static func keyframes(_ bytes: RawSpan) {
        _ = VP9Payload.isKeyframeStart(bytes)
        _ = AV1Payload.isKeyframeStart(bytes)
        _ = H264Payload.isKeyframeStart(bytes)
    }

    static func webp(_ bytes: RawSpan) {
        guard let picture = try? WebP(parsing: bytes) else { return }
        law((try? WebP(parsing: picture.serialized.span.bytes)) == picture, "a picture reads as it was written")
    }

    static func red(_ bytes: RawSpan) {
        guard let red = try? RED(parsing: bytes) else { return }
        var older: [(payloadType: UInt8, timestampOffset: UInt16, data: [UInt8])] = []
        for index in 0..<red.blockCount - 1 {
            let block = red.block(index, of: bytes)
            law(block.offset + block.length <= red.primary.offset, "blocks lie in front of the primary one")
            let data = bytes.extracting(block.offset..<block.offset + block.length).array
            older.append((block.payloadType, block.timestampOffset, data))
        }
        law(red.primary.offset + red.primary.length == bytes.byteCount, "the primary block is the last")
        let primary = bytes.extracting(droppingFirst: red.primary.offset).array
        law(
            RED.payload(older: older, primary: (red.primary.payloadType, primary)) == bytes.array,
            "a payload reads as it was written")
    }

    static func opus(_ bytes: RawSpan) {
        guard let packet = try? OpusPacket(parsing: bytes) else { return }
        law(packet.duration <= OpusPacket.maximumDuration, "no packet lasts longer than it may")
    }
}
