import Media

/// An RTP packet as a test peer received it, in the clear.
struct ReceivedPacket: Sendable {
    var ssrc: UInt32
    var payloadType: UInt8
    var sequence: UInt16
    var timestamp: UInt32
    var marker: Bool
    var extensions: [UInt8: [UInt8]]
    var payload: [UInt8]

    init?(_ packet: RawSpan) {
        guard let header = try? RTPHeader(parsing: packet) else { return nil }
        ssrc = header.ssrc
        payloadType = header.payloadType
        sequence = header.sequenceNumber
        timestamp = header.timestamp
        marker = header.marker
        payload = header.payload(of: packet).array
        extensions = [:]
        var elements = header.extensions(of: packet)
        while let element = elements.next() {
            extensions[element.id] = packet.extracting(element.offset..<element.offset + element.length).array
        }
    }

    /// The video picture that the packet carries a part of; nil for anything else.
    var picture: TestPicture? { TestPicture(payload: payload) }
}

/// What the test publisher puts into a VP8 payload, so that viewers can tell what they got.
struct TestPicture: Equatable, Sendable {
    var isKeyframe: Bool
    var layer: UInt8
    var number: UInt32
    /// Of the descriptor.
    var pictureID: UInt16?

    init(isKeyframe: Bool, layer: UInt8, number: UInt32, pictureID: UInt16?) {
        self.isKeyframe = isKeyframe
        self.layer = layer
        self.number = number
        self.pictureID = pictureID
    }

    init?(payload: [UInt8]) {
        guard let descriptor = try? VP8Descriptor(parsing: payload.span.bytes) else { return nil }
        let body = payload.dropFirst(descriptor.length)
        guard body.count >= 15 else { return nil }
        let start = body.startIndex
        isKeyframe = body[start] & 1 == 0
        layer = body[start + 10]
        number = body[(start + 11)..<(start + 15)].reduce(0) { $0 << 8 | UInt32($1) }
        pictureID = descriptor.pictureID
    }

    /// One packet that holds the whole picture: the descriptor, a frame header as VP8 has it, and the labels.
    func payload(width: Int, height: Int, tl0: UInt8, size: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        VP8Descriptor(isStartOfPartition: true, pictureID: pictureID, tl0PictureIndex: tl0, temporalID: 0)
            .serialize(into: &writer)
        if isKeyframe {
            writer.write([0x10, 0, 0, 0x9D, 0x01, 0x2A] as [UInt8])
            writer.write(UInt16(width).byteSwapped)
            writer.write(UInt16(height).byteSwapped)
        } else {
            writer.write([0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
        }
        writer.write(layer)
        writer.write(number)
        writer.write([UInt8](repeating: 0xAB, count: max(0, size)))
        return writer.bytes
    }
}
