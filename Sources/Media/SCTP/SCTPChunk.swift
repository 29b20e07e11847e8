/// One chunk of an SCTP packet, of the types that data channels need: RFC 9260 §3.3, FORWARD TSN (RFC 3758) and
/// RE-CONFIG (RFC 6525). Anything else is kept as `unknown` for the rules of its type's high bits.
enum SCTPChunk: Equatable {
    case data(SCTPData)
    case initiate(SCTPInitiation)
    case initiateAck(SCTPInitiation)
    case sack(SCTPSack)
    /// The whole parameter list, to be echoed as it came.
    case heartbeat([UInt8])
    case heartbeatAck([UInt8])
    /// `reflectsTag`: the sender had no association and returned our own verification tag (the T bit).
    case abort(reflectsTag: Bool, causes: [SCTPParameter])
    case shutdown(cumulativeTSN: UInt32)
    case shutdownAck
    case error([SCTPParameter])
    case cookieEcho([UInt8])
    case cookieAck
    case shutdownComplete(reflectsTag: Bool)
    case reconfigure([SCTPParameter])
    case forwardTSN(SCTPForwardTSN)
    case unknown(type: UInt8, value: [UInt8])

    /// Leaves the reader behind the chunk and its padding.
    init(parsing reader: inout ByteReader) throws(ParseError) {
        let type = try reader.uint8()
        let flags = try reader.uint8()
        let length = Int(try reader.uint16())
        guard length >= 4 else { throw .malformed("SCTP chunk length") }
        var body = ByteReader(try reader.span(length - 4))
        // RFC 9260 §3.2: the padding of the last chunk may be missing.
        try reader.skip(min(-length & 3, reader.remaining))
        switch type {
        case 0: self = .data(try SCTPData(parsing: &body, flags: flags))
        case 1: self = .initiate(try SCTPInitiation(parsing: &body))
        case 2: self = .initiateAck(try SCTPInitiation(parsing: &body))
        case 3: self = .sack(try SCTPSack(parsing: &body))
        case 4: self = .heartbeat(body.rest().array)
        case 5: self = .heartbeatAck(body.rest().array)
        case 6: self = .abort(reflectsTag: flags & 1 != 0, causes: try SCTPParameter.list(parsing: &body))
        case 7: self = .shutdown(cumulativeTSN: try body.uint32())
        case 8: self = .shutdownAck
        case 9: self = .error(try SCTPParameter.list(parsing: &body))
        case 10: self = .cookieEcho(body.rest().array)
        case 11: self = .cookieAck
        case 14: self = .shutdownComplete(reflectsTag: flags & 1 != 0)
        case 130: self = .reconfigure(try SCTPParameter.list(parsing: &body))
        case 192: self = .forwardTSN(try SCTPForwardTSN(parsing: &body))
        default: self = .unknown(type: type, value: body.rest().array)
        }
    }

    /// With its padding.
    func serialize(into writer: inout ByteWriter) {
        let start = writer.count
        writer.write(type)
        writer.write(flags)
        writer.write(UInt16(0))
        switch self {
        case .data(let data): data.serialize(into: &writer)
        case .initiate(let initiation), .initiateAck(let initiation): initiation.serialize(into: &writer)
        case .sack(let sack): sack.serialize(into: &writer)
        case .heartbeat(let value), .heartbeatAck(let value), .cookieEcho(let value), .unknown(_, let value):
            writer.write(value)
        case .abort(_, let list), .error(let list), .reconfigure(let list):
            for parameter in list { parameter.serialize(into: &writer) }
        case .shutdown(let cumulativeTSN): writer.write(cumulativeTSN)
        case .forwardTSN(let forward): forward.serialize(into: &writer)
        case .shutdownAck, .cookieAck, .shutdownComplete: break
        }
        writer.overwrite(at: start + 2, UInt16(clamping: writer.count - start))
        writer.pad(to: 4)
    }

    /// Bytes of the chunk in a packet, padding included.
    var paddedSize: Int {
        let body =
            switch self {
            case .data(let data): SCTPData.headerSize - 4 + data.payload.count
            case .initiate(let initiation), .initiateAck(let initiation): initiation.size
            case .sack(let sack): sack.size
            case .heartbeat(let value), .heartbeatAck(let value), .cookieEcho(let value), .unknown(_, let value):
                value.count
            case .abort(_, let list), .error(let list), .reconfigure(let list):
                list.reduce(0) { $0 + $1.paddedSize }
            case .shutdown: 4
            case .forwardTSN(let forward): forward.size
            case .shutdownAck, .cookieAck, .shutdownComplete: 0
            }
        return (body + 7) & ~3
    }

    private var type: UInt8 {
        switch self {
        case .data: 0
        case .initiate: 1
        case .initiateAck: 2
        case .sack: 3
        case .heartbeat: 4
        case .heartbeatAck: 5
        case .abort: 6
        case .shutdown: 7
        case .shutdownAck: 8
        case .error: 9
        case .cookieEcho: 10
        case .cookieAck: 11
        case .shutdownComplete: 14
        case .reconfigure: 130
        case .forwardTSN: 192
        case .unknown(let type, _): type
        }
    }

    private var flags: UInt8 {
        switch self {
        case .data(let data): data.flags
        case .abort(let reflectsTag, _), .shutdownComplete(let reflectsTag): reflectsTag ? 1 : 0
        default: 0
        }
    }
}
