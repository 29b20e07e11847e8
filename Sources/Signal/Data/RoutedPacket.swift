import LiveKitProtocol
import Relay
import SwiftProtobuf

/// A participant's data packet as it may be forwarded. It says of its sender and its channel what the server knows,
/// whatever the sender wrote there.
struct RoutedPacket: Sendable {
    var packet: LiveKit_DataPacket
    /// `packet`, serialized.
    var payload: [UInt8]
    var kind: DataKind
    var recipients: DataRecipients

    /// Whether only some of the room are to have it.
    var isPrivate: Bool { recipients != .everyone }

    /// Reads a message; whether its sender may send data is not asked here.
    init(_ message: DataMessage) throws(DataDisposition.Refusal) {
        guard message.payload.count <= DataDisposition.sizeLimit else { throw .tooLarge }
        var options = BinaryDecodingOptions()
        options.messageDepthLimit = 16
        guard var packet = try? LiveKit_DataPacket(serializedBytes: message.payload, options: options) else {
            throw .malformed
        }
        guard packet.isForwarded(from: message.sender) else { throw .notForwarded }
        packet.stamp(sender: message.sender, kind: message.kind)
        guard let payload: [UInt8] = try? packet.serializedBytes() else { throw .malformed }
        let identities = Set(packet.destinationIdentities)
        self.packet = packet
        self.payload = payload
        kind = message.kind
        recipients = identities.isEmpty ? .everyone : .identities(identities)
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
