import Relay

/// What is to become of a data message where the room has no rules beyond LiveKit's.
enum DataDisposition: Hashable, Sendable {
    enum Refusal: Error, Hashable, Sendable {
        /// No DataPacket.
        case malformed
        case tooLarge
        /// The sender may not send data.
        case notPermitted
        /// A packet that only servers send, or that is only for them.
        case notForwarded
    }

    case deliver([UInt8], to: DataRecipients)
    case drop(Refusal)

    /// Bytes of one message. LiveKit asks applications to stay below 15 KiB; more is carried.
    static let sizeLimit = 64 << 10

    init(of message: DataMessage) {
        guard message.sender.permission.canPublishData else {
            self = .drop(.notPermitted)
            return
        }
        do throws(Refusal) {
            let routed = try RoutedPacket(message)
            self = .deliver(routed.payload, to: routed.recipients)
        } catch {
            self = .drop(error)
        }
    }
}
