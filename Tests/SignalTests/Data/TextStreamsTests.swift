import Foundation
import LiveKitProtocol
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

/// Packets of chat as LiveKit's SDKs send them.
enum ChatPackets {
    static func header(
        _ id: String, topic: String = "lk.chat", length: Int? = nil, to identities: [String] = []
    ) -> LiveKit_DataPacket {
        .with {
            $0.destinationIdentities = identities
            $0.streamHeader.streamID = id
            $0.streamHeader.topic = topic
            $0.streamHeader.mimeType = "text/plain"
            $0.streamHeader.timestamp = 1_766_000_000_000
            $0.streamHeader.textHeader = .init()
            if let length { $0.streamHeader.totalLength = UInt64(length) }
        }
    }

    static func chunk(_ id: String, _ index: Int, _ content: some Sequence<UInt8>) -> LiveKit_DataPacket {
        .with {
            $0.streamChunk.streamID = id
            $0.streamChunk.chunkIndex = UInt64(index)
            $0.streamChunk.content = Data(content)
        }
    }

    static func trailer(_ id: String, reason: String = "") -> LiveKit_DataPacket {
        .with {
            $0.streamTrailer.streamID = id
            $0.streamTrailer.reason = reason
        }
    }

    static func stream(_ id: String, _ text: String) -> [LiveKit_DataPacket] {
        [header(id, length: text.utf8.count), chunk(id, 0, text.utf8), trailer(id)]
    }

    static func legacy(_ id: String, _ text: String, topic: String = "lk-chat-topic") -> LiveKit_DataPacket {
        .with {
            $0.user.topic = topic
            $0.user.payload = Data(#"{"id":"\#(id)","message":"\#(text)","timestamp":1766000000000}"#.utf8)
        }
    }

    static func message(
        _ packet: LiveKit_DataPacket, room: String = "studio", from sender: ParticipantState = Sample.participant()
    ) throws -> DataMessage {
        DataMessage(room: room, sender: sender, kind: .reliable, payload: try packet.serializedBytes())
    }
}

@Suite struct TextStreamsTests {
    private typealias Packets = ChatPackets

    private let start = ContinuousClock.now

    private func take(
        _ packet: LiveKit_DataPacket, _ streams: inout TextStreams, from identity: String = "alice",
        after wait: Duration = .zero
    ) throws -> TextStreams.Outcome {
        let message = try Packets.message(packet, from: Sample.participant(identity))
        return streams.take(try RoutedPacket(message), of: message, at: start.advanced(by: wait))
    }

    private func isRefused(_ outcome: TextStreams.Outcome, _ code: String) -> Bool {
        if case .refused(_, let refusal) = outcome { refusal.code == code } else { false }
    }

    private func isDropped(_ outcome: TextStreams.Outcome) -> Bool {
        if case .dropped = outcome { true } else { false }
    }

    private func isWaiting(_ outcome: TextStreams.Outcome) -> Bool {
        if case .waiting = outcome { true } else { false }
    }

    private func isNotChat(_ outcome: TextStreams.Outcome) -> Bool {
        if case .notChat = outcome { true } else { false }
    }

    @Test(arguments: UInt64(0)..<200)
    func `a text cut anywhere is put together again, and its packets stay in order`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let text = String(
            (0..<Int.random(in: 0...300, using: &random)).map { _ in "aé→😀".randomElement(using: &random)! })
        var rest = Array(text.utf8)[...]
        var packets = [Packets.header("s", length: Bool.random(using: &random) ? text.utf8.count : nil)]
        while !rest.isEmpty, packets.count < TextStreams.packetLimit - 2 {
            let length = Int.random(in: 0...min(rest.count, 60), using: &random)
            packets.append(Packets.chunk("s", packets.count - 1, rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        packets.append(Packets.chunk("s", packets.count - 1, rest))
        packets.append(Packets.trailer("s"))
        var streams = TextStreams()
        for packet in packets.dropLast() {
            let outcome = try take(packet, &streams)
            try #require(isWaiting(outcome), "seed \(seed)")
        }
        guard case .complete(let chat, let told) = try take(packets[packets.count - 1], &streams) else {
            Issue.record("not put together: seed \(seed)")
            return
        }
        #expect(chat.text == text && chat.id == "s" && chat.form == .textStream && chat.intent == .message)
        #expect(told.map(\.packet.value) == packets.map(\.value))
        #expect(streams.nextDeadline == nil)
    }

    @Test(arguments: UInt64(0)..<300)
    func `whatever comes in whatever order never traps, never grows without end and is forgotten in time`(
        seed: UInt64
    ) throws {
        var random = Seeded(state: seed)
        var streams = TextStreams()
        for _ in 0..<200 {
            let id = "s\(Int.random(in: 0..<8, using: &random))"
            let packet =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: Packets.header(id, length: Bool.random(using: &random) ? 10 : nil)
                case 1: Packets.trailer(id)
                default:
                    Packets.chunk(
                        id, Int.random(in: 0..<3, using: &random),
                        (0..<Int.random(in: 0..<3000, using: &random)).map { _ in
                            UInt8.random(in: 0...255, using: &random)
                        }
                    )
                }
            if case .complete(let chat, let packets) = try take(packet, &streams) {
                #expect(chat.text.utf8.count <= TextStreams.textLimit)
                #expect(packets.count <= TextStreams.packetLimit)
            }
        }
        streams.expire(at: start.advanced(by: TextStreams.patience))
        #expect(streams.nextDeadline == nil)
    }

    @Test func `a chunk or a trailer without a header is no chat`() throws {
        var streams = TextStreams()
        #expect(isNotChat(try take(Packets.chunk("s", 0, [65]), &streams)))
        #expect(isNotChat(try take(Packets.trailer("s"), &streams)))
        #expect(isWaiting(try take(Packets.header("s"), &streams)))
        #expect(isNotChat(try take(Packets.chunk("s", 0, [65]), &streams, from: "bob")))
    }

    @Test func `a second trailer completes nothing`() throws {
        var streams = TextStreams()
        for packet in Packets.stream("s", "hi") { _ = try take(packet, &streams) }
        #expect(isNotChat(try take(Packets.trailer("s"), &streams)))
    }

    @Test func `a stream of another topic is no chat`() throws {
        var streams = TextStreams()
        #expect(isNotChat(try take(Packets.header("s", topic: "files"), &streams)))
    }

    @Test func `an endless stream is refused once, and the rest of it swallowed`() throws {
        var streams = TextStreams()
        _ = try take(Packets.header("s"), &streams)
        var refusals = 0
        for index in 0..<100 {
            let outcome = try take(Packets.chunk("s", index, [UInt8](repeating: 97, count: 1000)), &streams)
            if isRefused(outcome, "too_long") { refusals += 1 }
            if index > 8 { #expect(isDropped(outcome)) }
        }
        #expect(refusals == 1)
        #expect(isDropped(try take(Packets.trailer("s"), &streams)))
        #expect(streams.nextDeadline == nil)
    }

    @Test func `a stream of too many empty packets is refused`() throws {
        var streams = TextStreams()
        _ = try take(Packets.header("s"), &streams)
        let outcomes = try (0..<TextStreams.packetLimit).map { try take(Packets.chunk("s", $0, []), &streams) }
        #expect(outcomes.count { isRefused($0, "unreadable") } == 1)
    }

    @Test(arguments: [-1, 1, 1000])
    func `a text whose length is not what was stated is refused`(difference: Int) throws {
        var streams = TextStreams()
        _ = try take(Packets.header("s", length: 5 + difference), &streams)
        _ = try take(Packets.chunk("s", 0, "hello".utf8), &streams)
        #expect(isRefused(try take(Packets.trailer("s"), &streams), "unreadable"))
    }

    @Test func `a stated length over the limit is refused at once`() throws {
        var streams = TextStreams()
        #expect(isRefused(try take(Packets.header("s", length: TextStreams.textLimit + 1), &streams), "too_long"))
    }

    @Test func `bytes that are no UTF-8 are refused`() throws {
        var streams = TextStreams()
        _ = try take(Packets.header("s"), &streams)
        _ = try take(Packets.chunk("s", 0, [0xC3, 0x28]), &streams)
        #expect(isRefused(try take(Packets.trailer("s"), &streams), "unreadable"))
    }

    @Test func `chunks out of order or twice are refused`() throws {
        for indices in [[1], [0, 0], [0, 2]] {
            var streams = TextStreams()
            _ = try take(Packets.header("s"), &streams)
            let outcomes = try indices.map { try take(Packets.chunk("s", $0, [65]), &streams) }
            #expect(isRefused(try #require(outcomes.last), "unreadable"))
        }
    }

    @Test func `a header that comes twice spoils the stream`() throws {
        var streams = TextStreams()
        _ = try take(Packets.header("s"), &streams)
        #expect(isRefused(try take(Packets.header("s"), &streams), "unreadable"))
        #expect(isDropped(try take(Packets.trailer("s"), &streams)))
    }

    @Test func `a stream that its sender gives up is dropped without a word`() throws {
        var streams = TextStreams()
        _ = try take(Packets.header("s"), &streams)
        #expect(isDropped(try take(Packets.trailer("s", reason: "aborted"), &streams)))
    }

    @Test func `a sender has so many streams open, and the others theirs`() throws {
        var streams = TextStreams()
        for index in 0..<TextStreams.streamsPerSender {
            #expect(isWaiting(try take(Packets.header("s\(index)"), &streams)))
        }
        #expect(isDropped(try take(Packets.header("more"), &streams)))
        #expect(isWaiting(try take(Packets.header("s0"), &streams, from: "bob")))
    }

    @Test func `a text in the header needs no chunks`() throws {
        var streams = TextStreams()
        var header = Packets.header("s", length: 5)
        header.streamHeader.inlineContent = Data("hello".utf8)
        guard case .complete(let chat, let packets) = try take(header, &streams) else {
            Issue.record("not complete")
            return
        }
        #expect(chat.text == "hello" && packets.count == 1)
    }
}
