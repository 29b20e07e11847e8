import LiveKitProtocol
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

@Suite struct DataDispositionTests {
    /// Made with LiveKit's own protobuf definitions: a user packet to `bob` that says it is from `mallory`.
    static let forged = bytes(
        hex: "0801120d120568656c6c6f22046368617422076d616c6c6f72792a03626f628001078a010750415f66616b65")

    private func judge(
        _ payload: [UInt8], from sender: ParticipantState = Sample.participant(), kind: DataKind = .reliable
    ) -> DataDisposition {
        DataDisposition(of: DataMessage(room: "studio", sender: sender, kind: kind, payload: payload))
    }

    private func judge(_ packet: LiveKit_DataPacket, from sender: ParticipantState = Sample.participant()) throws
        -> DataDisposition
    {
        let payload: [UInt8] = try packet.serializedBytes()
        return judge(payload, from: sender)
    }

    @Test func `the sender is who the server knows, not who the packet says`() throws {
        guard case .deliver(let payload, let recipients) = judge(Self.forged) else {
            Issue.record("dropped")
            return
        }
        #expect(recipients == .identities(["bob"]))
        let packet = try LiveKit_DataPacket(serializedBytes: payload)
        #expect(packet.participantIdentity == "alice")
        #expect(packet.participantSid == "PA_alice")
        #expect(packet.kind == .reliable)
        #expect(packet.sequence == 7)
        #expect(packet.user.payload == .init("hello".utf8))
        #expect(packet.user.topic == "chat")
        #expect(packet.user.participantIdentity == "alice")
        #expect(packet.user.participantSid == "PA_alice")
        #expect(packet.user.destinationIdentities == ["bob"])
    }

    @Test func `a hidden sender stays nameless`() throws {
        var permission = Sample.all
        permission.hidden = true
        guard case .deliver(let payload, _) = judge(Self.forged, from: Sample.participant(permission: permission))
        else {
            Issue.record("dropped")
            return
        }
        let packet = try LiveKit_DataPacket(serializedBytes: payload)
        #expect(packet.participantIdentity.isEmpty && packet.participantSid.isEmpty)
        #expect(packet.user.participantIdentity.isEmpty && packet.user.participantSid.isEmpty)
    }

    @Test func `who may not send data sends none`() {
        let viewer = Sample.participant(permission: Permission(canSubscribe: true))
        #expect(judge(Self.forged, from: viewer) == .drop(.notPermitted))
    }

    @Test func `recipients that older clients name inside the packet count`() throws {
        let packet = LiveKit_DataPacket.with { $0.user.destinationIdentities = ["carol"] }
        guard case .deliver(_, let recipients) = try judge(packet) else {
            Issue.record("dropped")
            return
        }
        #expect(recipients == .identities(["carol"]))
    }

    @Test func `a private message whose recipients are not known here goes to nobody`() throws {
        let packet = LiveKit_DataPacket.with { $0.user.destinationSids = ["PA_x"] }
        #expect(try judge(packet) == .drop(.notForwarded))
    }

    @Test func `a message without recipients goes to everyone`() throws {
        guard case .deliver(_, let recipients) = try judge(.with { $0.chatMessage.message = "hi" }) else {
            Issue.record("dropped")
            return
        }
        #expect(recipients == .everyone)
    }

    @Test func `speakers, metrics and empty packets are not for others`() throws {
        #expect(try judge(.with { $0.speaker = .init() }) == .drop(.notForwarded))
        #expect(judge(bytes(hex: "420508051a0178")) == .drop(.notForwarded))
        #expect(judge([]) == .drop(.notForwarded))
    }

    @Test func `nobody puts words into another's mouth`() throws {
        let own = LiveKit_DataPacket.with { $0.transcription.transcribedParticipantIdentity = "alice" }
        let another = LiveKit_DataPacket.with { $0.transcription.transcribedParticipantIdentity = "bob" }
        if case .drop = try judge(own) { Issue.record("one's own words were dropped") }
        #expect(try judge(another) == .drop(.notForwarded))
    }

    @Test func `a message over the limit is dropped, one at it is not`() throws {
        #expect(judge([UInt8](repeating: 0, count: DataDisposition.sizeLimit + 1)) == .drop(.tooLarge))
        var packet = LiveKit_DataPacket.with { $0.user.payload = .init(repeating: 1, count: 65_000) }
        let overhead = DataDisposition.sizeLimit - (try packet.serializedBytes() as [UInt8]).count
        packet.user.payload.append(contentsOf: repeatElement(2, count: overhead))
        #expect((try packet.serializedBytes() as [UInt8]).count == DataDisposition.sizeLimit)
        if case .drop = try judge(packet) { Issue.record("dropped at the limit") }
    }

    @Test(arguments: 1..<forged.count)
    func `a packet cut at any byte is refused or names its true sender`(length: Int) throws {
        guard case .deliver(let payload, _) = judge(Array(Self.forged.prefix(length))) else { return }
        #expect(try LiveKit_DataPacket(serializedBytes: payload).participantIdentity == "alice")
    }

    @Test(arguments: UInt64(0)..<200)
    func `changed bytes never trap and never forge a sender`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        var bytes = Self.forged
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        guard case .deliver(let payload, _) = judge(bytes) else { return }
        let packet = try LiveKit_DataPacket(serializedBytes: payload)
        #expect(packet.participantIdentity == "alice")
        #expect(packet.participantSid == "PA_alice")
    }
}
