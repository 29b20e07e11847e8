/// One RTCP packet of a kind spoken here, or its bytes.
package enum RTCPPacket: Sendable, Equatable {
    case senderReport(SenderReport)
    case receiverReport(ReceiverReport)
    case sourceDescription(SourceDescription)
    case goodbye(Goodbye)
    case pictureLossIndication(PictureLossIndication)
    case fullIntraRequest(FullIntraRequest)
    case nack(Nack)
    case remb(REMB)
    case transportFeedback(TransportFeedback)
    case extendedReports(ExtendedReports)
    case unknown(UnknownRTCP)

    init(_ header: RTCPHeader, _ body: RawSpan) throws(ParseError) {
        typealias Transport = RTCPHeader.TransportFormat
        typealias Payload = RTCPHeader.PayloadFormat
        switch (RTCPHeader.PacketType(rawValue: header.packetType), header.count) {
        case (.senderReport, let count):
            self = .senderReport(try SenderReport(parsing: body, count: count))
        case (.receiverReport, let count):
            self = .receiverReport(try ReceiverReport(parsing: body, count: count))
        case (.sourceDescription, let count):
            self = .sourceDescription(try SourceDescription(parsing: body, count: count))
        case (.goodbye, let count):
            self = .goodbye(try Goodbye(parsing: body, count: count))
        case (.transportFeedback, Transport.nack):
            self = .nack(try Nack(parsing: body))
        case (.transportFeedback, Transport.transportWide):
            self = .transportFeedback(try TransportFeedback(parsing: body))
        case (.payloadFeedback, Payload.pictureLossIndication):
            self = .pictureLossIndication(try PictureLossIndication(parsing: body))
        case (.payloadFeedback, Payload.fullIntraRequest):
            self = .fullIntraRequest(try FullIntraRequest(parsing: body))
        case (.payloadFeedback, Payload.applicationLayer):
            if let remb = try REMB(parsing: body) {
                self = .remb(remb)
            } else {
                self = .unknown(UnknownRTCP(header, body))
            }
        case (.extendedReports, _):
            self = .extendedReports(try ExtendedReports(parsing: body))
        default:
            self = .unknown(UnknownRTCP(header, body))
        }
    }

    package func serialize(into writer: inout ByteWriter) {
        switch self {
        case .senderReport(let packet): packet.serialize(into: &writer)
        case .receiverReport(let packet): packet.serialize(into: &writer)
        case .sourceDescription(let packet): packet.serialize(into: &writer)
        case .goodbye(let packet): packet.serialize(into: &writer)
        case .pictureLossIndication(let packet): packet.serialize(into: &writer)
        case .fullIntraRequest(let packet): packet.serialize(into: &writer)
        case .nack(let packet): packet.serialize(into: &writer)
        case .remb(let packet): packet.serialize(into: &writer)
        case .transportFeedback(let packet): packet.serialize(into: &writer)
        case .extendedReports(let packet): packet.serialize(into: &writer)
        case .unknown(let packet): packet.serialize(into: &writer)
        }
    }
}

/// A packet of a type or format not spoken here.
package struct UnknownRTCP: Sendable, Equatable {
    package var packetType: UInt8
    /// The five-bit count, subtype or feedback message type.
    package var format: Int
    /// Behind the four-byte header, without padding.
    package var body: [UInt8]

    package init(packetType: UInt8, format: Int, body: [UInt8]) {
        self.packetType = packetType
        self.format = format
        self.body = body
    }

    init(_ header: RTCPHeader, _ body: RawSpan) {
        self.init(packetType: header.packetType, format: header.count, body: body.array)
    }

    package func serialize(into writer: inout ByteWriter) {
        writer.writeRTCP(packetType, count: format) { $0.write(body) }
    }
}
