/// A message of the data channel establishment protocol (RFC 8832 §5).
enum DCEPMessage: Equatable {
    case open(ordered: Bool, reliability: ChannelReliability, priority: UInt16, label: String, protocol: String)
    case ack

    init(parsing bytes: RawSpan) throws(ParseError) {
        var reader = ByteReader(bytes)
        switch try reader.uint8() {
        case 2: self = .ack
        case 3:
            let type = try reader.uint8()
            let priority = try reader.uint16()
            let parameter = try reader.uint32()
            let labelSize = Int(try reader.uint16())
            let protocolSize = Int(try reader.uint16())
            let label = try reader.bytes(labelSize)
            let subprotocol = try reader.bytes(protocolSize)
            let reliability: ChannelReliability
            switch type & 0x7F {
            case 0: reliability = .reliable
            case 1: reliability = .maxRetransmits(parameter)
            case 2: reliability = .maxLifetime(parameter)
            default: throw .unsupported("channel type")
            }
            self = .open(
                ordered: type & 0x80 == 0, reliability: reliability, priority: priority,
                label: String(decoding: label, as: UTF8.self), protocol: String(decoding: subprotocol, as: UTF8.self))
        default: throw .unsupported("DCEP message type")
        }
    }

    /// A label or protocol longer than 65535 bytes is cut.
    func serialize() -> [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .ack: writer.write(UInt8(2))
        case .open(let ordered, let reliability, let priority, let label, let subprotocol):
            let (type, parameter): (UInt8, UInt32) =
                switch reliability {
                case .reliable: (0, 0)
                case .maxRetransmits(let count): (1, count)
                case .maxLifetime(let milliseconds): (2, milliseconds)
                }
            let labelBytes = label.utf8.prefix(Int(UInt16.max))
            let protocolBytes = subprotocol.utf8.prefix(Int(UInt16.max))
            writer.write(UInt8(3))
            writer.write(ordered ? type : type | 0x80)
            writer.write(priority)
            writer.write(parameter)
            writer.write(UInt16(labelBytes.count))
            writer.write(UInt16(protocolBytes.count))
            writer.write(labelBytes)
            writer.write(protocolBytes)
        }
        return writer.bytes
    }
}

/// Payload protocol identifiers of data channels (RFC 8831 §8). The deprecated ones for partial messages (52 and 54)
/// are not taken.
enum ChannelPayload {
    static let dcep: UInt32 = 50
    static let text: UInt32 = 51
    static let binary: UInt32 = 53
    static let emptyText: UInt32 = 56
    static let emptyBinary: UInt32 = 57
}

/// What an association keeps of a channel.
struct DataChannel {
    enum State {
        /// DATA_CHANNEL_OPEN is on its way. Messages go in order until it is acknowledged (RFC 8832 §6).
        case opening(label: String, protocol: String)
        case open
        /// Until both directions are reset.
        case closing(outgoingIsReset: Bool, incomingIsReset: Bool)
    }

    var state: State
    var ordered: Bool
    var reliability: ChannelReliability
}
