import NIOCore
import Testing

@testable import Signal

@Suite struct OutgoingQueueTests {
    private func message(_ size: Int) -> WebSocketMessage {
        .binary(ByteBuffer(repeating: 0, count: size))
    }

    @Test func `messages beyond the limit find no room`() {
        let outbox = OutgoingQueue(messageLimit: 3, byteLimit: 1000)
        #expect((0..<4).map { _ in outbox.put(message(1)) } == [true, true, true, false])
    }

    @Test func `bytes beyond the limit find no room, but one large message alone does`() {
        let outbox = OutgoingQueue(messageLimit: 10, byteLimit: 100)
        #expect(outbox.put(message(500)))
        #expect(!outbox.put(message(1)))
        outbox.written(message(500))
        #expect(outbox.put(message(60)))
        #expect(!outbox.put(message(60)))
    }

    @Test func `what was put before the close is still written`() async {
        let outbox = OutgoingQueue(messageLimit: 10, byteLimit: 100)
        _ = outbox.put(message(1))
        outbox.close()
        #expect(outbox.put(message(2)))
        var sizes: [Int] = []
        for await message in outbox.messages { sizes.append(message.size) }
        #expect(sizes == [1])
    }
}
