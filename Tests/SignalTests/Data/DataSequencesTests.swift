import LiveKitProtocol
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

@Suite struct DataSequencesTests {
    private func message(
        _ sequence: UInt32, from identity: String = "alice", kind: DataKind = .reliable
    ) throws -> DataMessage {
        let packet = LiveKit_DataPacket.with {
            $0.sequence = sequence
            $0.participantSid = "PA_x"
            $0.user = .with { $0.payload = .init(repeating: 0x80, count: 300) }
        }
        return DataMessage(
            room: "room", sender: Sample.participant(identity), kind: kind, payload: try packet.serializedBytes())
    }

    @Test func `a reliable message that comes twice is passed on once, and the last number is known`() throws {
        let sequences = DataSequences()
        #expect(sequences.last(of: ParticipantID("PA_alice")) == 0)
        #expect(sequences.admit(try message(1)))
        #expect(sequences.admit(try message(300)))
        #expect(!sequences.admit(try message(300)))
        #expect(!sequences.admit(try message(2)))
        #expect(sequences.last(of: ParticipantID("PA_alice")) == 300)
        #expect(sequences.admit(try message(1, from: "bob")))
    }

    @Test func `what is not numbered is always new`() throws {
        let sequences = DataSequences()
        for _ in 0..<2 {
            #expect(sequences.admit(try message(0)))
            #expect(sequences.admit(try message(7, kind: .lossy)))
            #expect(
                sequences.admit(
                    DataMessage(
                        room: "room", sender: Sample.participant(), kind: .reliable, payload: [0xff, 0xff, 0x01])))
        }
        #expect(sequences.last(of: ParticipantID("PA_alice")) == 0)
    }

    @Test func `the number is found wherever it stands, and cut packets are harmless`() throws {
        var generator = Seeded(state: 3)
        for _ in 0..<200 {
            let number = UInt32.random(in: 1 ... .max, using: &generator)
            let packet = try message(number).payload
            #expect(DataSequences.sequence(of: packet) == number)
            for length in 0..<packet.count { _ = DataSequences.sequence(of: Array(packet[..<length])) }
        }
    }

    @Test func `thousands of senders are remembered, not all that ever were`() throws {
        let sequences = DataSequences()
        for index in 1...20_000 { #expect(sequences.admit(try message(5, from: "p\(index)"))) }
        #expect(sequences.last(of: ParticipantID("PA_p20000")) == 5)
        #expect(sequences.last(of: ParticipantID("PA_p12000")) == 5)
        #expect(sequences.last(of: ParticipantID("PA_p1")) == 0)
    }
}
