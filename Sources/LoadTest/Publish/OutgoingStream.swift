import Media

/// Header extensions whose values are of one packet alone, by identifier.
struct AddedExtensions {
    /// The transport-wide sequence number.
    var transportWide: (id: UInt8, number: UInt16)?
    /// When the picture was taken, in NTP's format (abs-capture-time).
    var captured: (id: UInt8, time: UInt64)?
}

/// What one SSRC of a publisher needs to be sent: its numbers, and the packets that may be asked for again.
struct OutgoingStream {
    let ssrc: UInt32
    let payloadType: UInt8
    /// RFC 4588; nil for audio.
    let rtx: (ssrc: UInt32, payloadType: UInt8)?
    /// Of the section's `a=mid` and the layer's rid, by header extension identifier.
    let extensions: [(id: UInt8, value: [UInt8])]
    let rtxExtensions: [(id: UInt8, value: [UInt8])]

    private(set) var packets: UInt32 = 0
    private(set) var octets: UInt32 = 0
    private(set) var timestamp: UInt32 = 0
    private var sequence = UInt16.random(in: 0..<0x8000)
    private var rtxSequence = UInt16.random(in: 0..<0x8000)
    private var sent: [(sequence: UInt16, timestamp: UInt32, marker: Bool, payload: [UInt8])] = []
    private static let remembered = 512

    init(
        ssrc: UInt32, payloadType: UInt8, rtx: (ssrc: UInt32, payloadType: UInt8)?,
        extensions: [(id: UInt8, value: [UInt8])], rtxExtensions: [(id: UInt8, value: [UInt8])]
    ) {
        self.ssrc = ssrc
        self.payloadType = payloadType
        self.rtx = rtx
        self.extensions = extensions
        self.rtxExtensions = rtxExtensions
        sent.reserveCapacity(Self.remembered)
    }

    /// Writes the next packet and returns its length.
    mutating func write(
        _ payload: [UInt8], timestamp: UInt32, marker: Bool, added: AddedExtensions,
        to start: UnsafeMutableRawPointer
    ) -> Int {
        sequence &+= 1
        packets &+= 1
        octets &+= UInt32(payload.count)
        self.timestamp = timestamp
        let entry = (sequence: sequence, timestamp: timestamp, marker: marker, payload: payload)
        if sent.count < Self.remembered { sent.append(entry) } else { sent[Int(packets) % Self.remembered] = entry }
        return Self.write(
            [], payload, ssrc: ssrc, payloadType: payloadType, sequence: sequence, timestamp: timestamp, marker: marker,
            extensions: extensions, added: added, to: start)
    }

    /// As `write`, for a packet that was asked for again; nil when it is forgotten.
    mutating func writeAgain(
        _ wanted: UInt16, added: AddedExtensions, to start: UnsafeMutableRawPointer
    ) -> Int? {
        guard let rtx, let packet = sent.first(where: { $0.sequence == wanted }) else { return nil }
        rtxSequence &+= 1
        return Self.write(
            [UInt8(wanted >> 8), UInt8(truncatingIfNeeded: wanted)], packet.payload, ssrc: rtx.ssrc,
            payloadType: rtx.payloadType, sequence: rtxSequence, timestamp: packet.timestamp, marker: packet.marker,
            extensions: rtxExtensions, added: added, to: start)
    }

    private static func write(
        _ prefix: [UInt8], _ payload: [UInt8], ssrc: UInt32, payloadType: UInt8, sequence: UInt16, timestamp: UInt32,
        marker: Bool, extensions: [(id: UInt8, value: [UInt8])], added: AddedExtensions,
        to start: UnsafeMutableRawPointer
    ) -> Int {
        var writer = RTPExtensionWriter(
            UnsafeMutableRawBufferPointer(start: start + RTPHeader.fixedLength, count: 256))
        for (id, value) in extensions { writer.append(id: id, value.span.bytes) }
        if let (id, number) = added.transportWide { writer.append(id: id, UInt32(number), length: 2) }
        if let (id, time) = added.captured {
            withUnsafeBytes(of: time.bigEndian) { _ = writer.append(id: id, $0.bytes) }
        }
        let block = writer.finish()
        RTPHeader.write(
            to: start, marker: marker, payloadType: payloadType, sequenceNumber: sequence, timestamp: timestamp,
            ssrc: ssrc, hasExtension: block > 0)
        var end = RTPHeader.fixedLength + block
        for part in [prefix, payload] where !part.isEmpty {
            part.withUnsafeBytes { (start + end).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            end += part.count
        }
        return end
    }
}
