import Testing

@testable import Media

/// Each cap by itself: floods that only this one stops.
@Suite struct SCTPCapsTests {
    private static let configuration = SCTPConfiguration()

    private func receiver() -> SCTPReceiver { SCTPReceiver(initialTSN: 1, Self.configuration) }

    @Test(arguments: [UInt32(1), 2])
    func `whole messages behind one that never comes are held within the window`(first: UInt32) throws {
        var receiver = receiver()
        for number in 0..<4000 as Range<UInt32> {
            try receiver.receive(
                SCTPData(
                    tsn: first + number, stream: 1, sequence: UInt16(1 + number), ppid: 53,
                    payload: [UInt8](repeating: 1, count: 900)[...]))
        }
        // Without a gap each is the next, which may exceed the window: it could be what the others wait for.
        let most = (first == 1 ? 2 : 1) * Self.configuration.receiveWindow
        #expect(receiver.held <= most && receiver.held > most * 9 / 10)
        #expect(receiver.delivered.isEmpty)
    }

    @Test func `pieces of messages behind a gap are held up to a number, however small`() throws {
        var receiver = receiver()
        for number in 0..<4000 as Range<UInt32> {
            try receiver.receive(
                SCTPData(
                    tsn: 2 + number, stream: 1, sequence: UInt16(number), ppid: 53, ends: false, payload: [1]))
        }
        #expect(receiver.held == SCTPReceiver.maxRuns * (SCTPReceiver.fragmentOverhead + 1))
    }

    @Test func `islands behind gaps are taken up to a number`() throws {
        var receiver = receiver()
        for number in 1...4000 as ClosedRange<UInt32> {
            try receiver.receive(
                SCTPData(tsn: 2 * number, stream: 1, sequence: 0, ppid: 53, isUnordered: true, payload: [1]))
        }
        #expect(receiver.delivered.count == SCTPReceiver.maxRanges)
    }

    @Test func `answers to a peer that is never listened to do not pile up`() throws {
        var link = SCTPLink()
        link.connect()
        for number in 0..<1000 as Range<UInt32> {
            let initiation = SCTPInitiation(
                tag: 1 + number, window: 100_000, outgoingStreams: 5, incomingStreams: 5, initialTSN: 1)
            for (tag, chunk) in [(0, SCTPChunk.initiate(initiation)), (link.b.localTag, .heartbeat([1, 2, 3, 4]))] {
                let packet = SCTPPacket(
                    sourcePort: 5000, destinationPort: 5000, verificationTag: tag, chunks: [chunk])
                link.b.receive(packet.serialize().span.bytes, now: link.now)
            }
        }
        var (initiations, heartbeats) = (0, 0)
        while let bytes = link.b.pollPacket(now: link.now) {
            for chunk in try SCTPPacket(parsing: bytes.span.bytes).chunks {
                switch chunk {
                case .initiateAck: initiations += 1
                case .heartbeatAck: heartbeats += 1
                default: break
                }
            }
        }
        #expect(1...16 ~= initiations)
        #expect(1...64 ~= heartbeats)
        #expect(link.b.isConnected)
    }
}
