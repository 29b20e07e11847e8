import LiveKitProtocol
import Relay
import SwiftProtobuf

/// What is to become of a data message. The packet that is delivered says of its sender and its channel what the server
/// knows, whatever the sender wrote there.
enum DataDisposition: Hashable, Sendable {
    enum Refusal: Hashable, Sendable {
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
        guard message.payload.count <= Self.sizeLimit else {
            self = .drop(.tooLarge)
            return
        }
        var options = BinaryDecodingOptions()
        options.messageDepthLimit = 16
        guard var packet = try? LiveKit_DataPacket(serializedBytes: message.payload, options: options) else {
            self = .drop(.malformed)
            return
        }
        guard packet.isForwarded(from: message.sender) else {
            self = .drop(.notForwarded)
            return
        }
        packet.stamp(sender: message.sender, kind: message.kind)
        guard let payload: [UInt8] = try? packet.serializedBytes() else {
            self = .drop(.malformed)
            return
        }
        let identities = Set(packet.destinationIdentities)
        self = .deliver(payload, to: identities.isEmpty ? .everyone : .identities(identities))
    }
}

extension LiveKit_DataPacket {
    fileprivate func isForwarded(from sender: ParticipantState) -> Bool {
        switch value {
        case .user(let user):
            // Recipients named by id alone, as SDKs once did, are not known here: better nobody than everybody.
            user.destinationSids.isEmpty || !user.destinationIdentities.isEmpty || !destinationIdentities.isEmpty
        case .transcription(let transcription):
            // Nobody puts words into another's mouth.
            transcription.transcribedParticipantIdentity == sender.identity
        case .chatMessage, .rpcRequest, .rpcAck, .rpcResponse, .streamHeader, .streamChunk, .streamTrailer,
            .encryptedPacket, .sipDtmf:
            true
        case .speaker, .metrics, nil:
            false
        }
    }

    /// A hidden sender stays nameless.
    fileprivate mutating func stamp(sender: ParticipantState, kind: DataKind) {
        self.kind = kind == .reliable ? .reliable : .lossy
        participantSid = sender.permission.hidden ? "" : sender.id.rawValue
        participantIdentity = sender.permission.hidden ? "" : sender.identity
        guard case .user(var user) = value else { return }
        user.participantSid = participantSid
        user.participantIdentity = participantIdentity
        // Older clients name the recipients in here.
        if destinationIdentities.isEmpty { destinationIdentities = user.destinationIdentities }
        user.destinationIdentities = destinationIdentities
        value = .user(user)
    }
}
