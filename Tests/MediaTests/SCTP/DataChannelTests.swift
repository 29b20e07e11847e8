@testable import Media
import Testing

@Suite struct DataChannelTests {
    @Test func `a channel opens with what its opener said`() {
        var link = SCTPLink()
        let lossy = link.a.openChannel(
            label: "_lossy", protocol: "p", reliability: .maxRetransmits(0), ordered: false, now: link.now)
        let timed = link.b.openChannel(label: "ü", reliability: .maxLifetime(250), now: link.now)
        link.run { $0.hasOpened(lossy) && $0.hasOpened(timed) }
        #expect(lossy == ChannelID(0))
        #expect(timed == ChannelID(1))
        for events in link.events {
            #expect(events.first == .connected)
            #expect(
                events.contains(
                    .channelOpened(
                        lossy, label: "_lossy", protocol: "p", ordered: false, reliability: .maxRetransmits(0))))
            #expect(
                events.contains(
                    .channelOpened(timed, label: "ü", protocol: "", ordered: true, reliability: .maxLifetime(250))))
        }
    }

    @Test(arguments: [true, false], 1...5 as ClosedRange<UInt64>)
    func `a channel closed from either side closes on both and its id is used again`(byOpener: Bool, seed: UInt64)
        throws
    {
        var link = SCTPLink(fault: .init(loss: 0.1, duplication: 0.1, jitter: 30), seed: seed)
        for round in 0..<5 {
            link.events = [[], []]
            let id = link.open()
            #expect(id == ChannelID(0))
            let message = numbered(round, size: 10_000)
            if byOpener {
                try link.a.send(message, isText: false, on: id, now: link.now)
                link.a.closeChannel(id, now: link.now)
                #expect(throws: SCTPSendError.notOpen) { try link.a.send([1], isText: true, on: id, now: link.now) }
            } else {
                try link.b.send(message, isText: false, on: id, now: link.now)
                link.b.closeChannel(id, now: link.now)
            }
            link.run(for: .seconds(60)) { $0.hasClosed(id, .a) && $0.hasClosed(id, .b) }
            #expect(link.hasClosed(id, .a) && link.hasClosed(id, .b))
            #expect(link.messages(byOpener ? .b : .a) == [message])
        }
    }

    @Test func `both sides may close at once`() {
        var link = SCTPLink()
        let id = link.open()
        let other = link.open()
        link.a.closeChannel(id, now: link.now)
        link.b.closeChannel(id, now: link.now)
        link.run(for: .seconds(5))
        #expect(link.events.allSatisfy { $0.filter { $0 == .channelClosed(id) }.count == 1 })
        #expect(!link.hasClosed(other, .a))
        #expect(link.a.channels.count == 1 && link.b.channels.count == 1)
    }

    @Test func `channels beyond the cap are closed`() {
        var few = SCTPConfiguration()
        few.maxChannels = 3
        var link = SCTPLink(other: few)
        let ids = (0..<5).map { _ in link.a.openChannel(label: "", now: link.now) }
        link.run(for: .seconds(5))
        #expect(ids.map { link.hasClosed($0, .a) } == [false, false, false, true, true])
        #expect(link.a.channels.count == 3 && link.b.channels.count == 3)
        let refused = (0..<5).map { _ in link.b.openChannel(label: "", now: link.now) }
        link.run(for: .seconds(1))
        #expect(refused.allSatisfy { link.hasClosed($0, .b) })
    }

    @Test func `a channel that the peer has no stream for is closed`() {
        var narrow = SCTPConfiguration()
        narrow.streams = 4
        var link = SCTPLink(other: narrow)
        let ids = (0..<3).map { _ in link.a.openChannel(label: "", now: link.now) }
        link.run(for: .seconds(5))
        #expect(ids.map { link.hasClosed($0, .a) } == [false, false, true])
        let late = link.a.openChannel(label: "", now: link.now)
        link.run(for: .seconds(1))
        #expect(link.hasClosed(late, .a))
    }

    @Test func `messages sent before the peer agreed arrive after the channel opened`() throws {
        var link = SCTPLink(fault: .init(loss: 0.3, jitter: 50), seed: 6)
        let id = link.a.openChannel(label: "x", ordered: false, now: link.now)
        for number in 0..<20 { try link.a.send(numbered(number), isText: false, on: id, now: link.now) }
        link.run(for: .seconds(60)) { $0.messages(.b).count == 20 }
        #expect(link.messages(.b) == (0..<20).map { numbered($0) })
        #expect(link.b.statistics.discardedMessages == 0)
    }

    @Test func `a reset waits for the data before it`() throws {
        var link = SCTPLink()
        let id = link.open()
        link.run(for: .seconds(1))
        let first = link.b.receiver.cumulativeTSN &+ 1
        let request = SCTPStreamReset.Request(
            sequence: link.b.reset.expected, answers: 0, lastTSN: first &+ 1, streams: [id.rawValue])
        func deliver(_ chunk: SCTPChunk) {
            let packet = SCTPPacket(
                sourcePort: 5000, destinationPort: 5000, verificationTag: link.b.localTag, chunks: [chunk])
            link.deliver(packet.serialize(), to: .b)
        }
        func results() throws -> [UInt8] {
            var results: [UInt8] = []
            while let bytes = link.b.pollPacket(now: link.now) {
                for case .reconfigure(let list) in try SCTPPacket(parsing: bytes.span.bytes).chunks {
                    results += list.filter { $0.type == 16 }.compactMap(\.value.last)
                }
            }
            return results
        }
        func data(_ offset: UInt32) -> SCTPChunk {
            // The opening took sequence number 0.
            .data(
                SCTPData(
                    tsn: first &+ offset, stream: id.rawValue, sequence: UInt16(1 + offset), ppid: 53,
                    payload: [UInt8(offset)]))
        }
        deliver(data(1))
        deliver(.reconfigure([request.parameter]))
        deliver(.reconfigure([request.parameter]))
        #expect(try results() == [6, 6])
        deliver(data(0))
        #expect(try results() == [1])
        deliver(.reconfigure([request.parameter]))
        #expect(try results() == [1])
        #expect(link.b.pollEvent() == .message(id, bytes: [0], isText: false))
        #expect(link.b.pollEvent() == .message(id, bytes: [1], isText: false))
        guard case .closing(_, incomingIsReset: true) = link.b.channels[id.rawValue]?.state else {
            Issue.record("not closing")
            return
        }
    }
}

@Suite struct DCEPTests {
    static let messages: [DCEPMessage] = [
        .ack,
        .open(ordered: true, reliability: .reliable, priority: 256, label: "", protocol: ""),
        .open(ordered: false, reliability: .maxRetransmits(0), priority: 1, label: "_lossy", protocol: "abc"),
        .open(ordered: true, reliability: .maxLifetime(.max), priority: .max, label: "ünïcode", protocol: ""),
    ]

    @Test(arguments: messages) func `what is written reads back`(message: DCEPMessage) throws {
        let bytes = message.serialize()
        #expect(try DCEPMessage(parsing: bytes.span.bytes) == message)
        for length in 0..<bytes.count {
            let cut = Array(bytes.prefix(length))
            #expect(throws: ParseError.truncated) { try DCEPMessage(parsing: cut.span.bytes) }
        }
    }

    @Test func `an open reads as RFC 8832 lays it out`() throws {
        let bytes: [UInt8] = [3, 0x81, 0, 128, 0, 0, 0, 5, 0, 2, 0, 1, 0x68, 0x69, 0x70]
        #expect(
            try DCEPMessage(parsing: bytes.span.bytes)
                == .open(ordered: false, reliability: .maxRetransmits(5), priority: 128, label: "hi", protocol: "p"))
    }
}
