import CUSRSCTP
@testable import Media
import Testing

/// Ours against libusrsctp, in simulated time. Serialized: the library has one state for the process.
@Suite(.serialized) struct SCTPInteropTests {
    enum Opening: CaseIterable { case weConnect, theyConnect, bothConnect }

    /// The two with a network between them that loses packets.
    final class Interop {
        var ours: SCTPAssociation
        let theirs: UsrsctpPeer
        var now = Instant(nanoseconds: 1)
        var random = SCTPTestGenerator(state: 5)
        var loss = 0.0
        var events: [SCTPEvent] = []

        init(_ opening: Opening, configuration: SCTPConfiguration = SCTPConfiguration()) {
            ours = SCTPAssociation(
                role: opening == .theyConnect ? .passive : .active, usesEvenStreams: false,
                configuration: configuration, now: now, using: &random)
            theirs = UsrsctpPeer(opening == .weConnect ? .listens : .connects)
            ours.start(now: now)
        }

        deinit { theirs.close() }

        private func isLost() -> Bool { Double.random(in: 0..<1, using: &random) < loss }

        /// Five milliseconds.
        func step() {
            for _ in 0..<10_000 {
                var isQuiet = true
                while let packet = ours.pollPacket(now: now) {
                    isQuiet = false
                    if !isLost() { theirs.receive(packet) }
                }
                let packets = theirs.packets
                theirs.packets = []
                for packet in packets where !isLost() {
                    isQuiet = false
                    ours.receive(packet.span.bytes, now: now)
                }
                while let event = ours.pollEvent() { events.append(event) }
                if isQuiet { break }
            }
            now = now + .milliseconds(5)
            ours.advance(to: now)
            usrsctp_handle_timers(5)
        }

        @discardableResult
        func run(for duration: Duration = .seconds(60), until isDone: () -> Bool = { false }) -> Bool {
            let limit = now + duration
            while now < limit, !isDone() { step() }
            return isDone()
        }

        func connect() -> Bool { run { ours.isConnected && theirs.isUp } }

        /// Opens a channel from our side, with their application's answer.
        func open(_ reliability: ChannelReliability = .reliable, ordered: Bool = true) -> ChannelID {
            let id = ours.openChannel(label: "chat", reliability: reliability, ordered: ordered, now: now)
            run { theirs.messages.contains { $0.stream == id.rawValue && $0.ppid == 50 } }
            theirs.send([2], ppid: 50, stream: id.rawValue)
            run {
                events.contains { if case .channelOpened(id, _, _, _, _) = $0 { true } else { false } }
            }
            return id
        }

        var received: [[UInt8]] {
            events.compactMap { if case .message(_, let bytes, _) = $0 { bytes } else { nil } }
        }
    }

    @Test(arguments: Opening.allCases, [0, 0.3])
    func `we connect whoever begins`(opening: Opening, loss: Double) {
        let interop = Interop(opening)
        interop.loss = loss
        #expect(interop.connect())
        #expect(interop.events == [.connected])
        interop.run(for: .seconds(120))
        #expect(interop.ours.isConnected && !interop.theirs.isDown)
    }

    @Test(arguments: Opening.allCases)
    func `messages pass both ways on channels opened by either side`(opening: Opening) throws {
        let interop = Interop(opening)
        #expect(interop.connect())
        let id = interop.open()
        #expect(id == ChannelID(1))
        try interop.ours.send(Array("hello".utf8), isText: true, on: id, now: interop.now)
        try interop.ours.send([], isText: false, on: id, now: interop.now)
        interop.run(for: .seconds(1))
        #expect(
            interop.theirs.messages.suffix(2) == [
                .init(stream: 1, ppid: 51, bytes: Array("hello".utf8)), .init(stream: 1, ppid: 57, bytes: [0]),
            ])
        interop.theirs.send([3, 0x80, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0x68, 0x69], ppid: 50, stream: 4)
        interop.theirs.send([7, 8], ppid: 53, stream: 4, isOrdered: false)
        interop.theirs.send([0], ppid: 56, stream: 1)
        interop.run(for: .seconds(1))
        #expect(
            interop.events.suffix(3) == [
                .channelOpened(ChannelID(4), label: "hi", protocol: "", ordered: false, reliability: .reliable),
                .message(ChannelID(4), bytes: [7, 8], isText: false), .message(id, bytes: [], isText: true),
            ])
        #expect(interop.theirs.messages.last == .init(stream: 4, ppid: 50, bytes: [2]))
    }

    @Test(arguments: Opening.allCases, [0, 0.1])
    func `large messages pass both ways`(opening: Opening, loss: Double) throws {
        let interop = Interop(opening)
        #expect(interop.connect())
        let id = interop.open()
        interop.loss = loss
        let message = numbered(3, size: 60_000)
        for _ in 0..<4 {
            try interop.ours.send(message, isText: false, on: id, now: interop.now)
            #expect(interop.theirs.send(message, ppid: 53, stream: id.rawValue))
        }
        interop.run(for: .seconds(300)) { interop.received.count == 4 && interop.theirs.messages.count == 5 }
        #expect(interop.received == [message, message, message, message])
        #expect(interop.theirs.messages.dropFirst().map(\.bytes) == [message, message, message, message])
        interop.run(for: .seconds(10))
        #expect(interop.ours.bufferedAmount == 0)
    }

    @Test(arguments: [true, false], [0, 0.1])
    func `a channel closes from either side and opens again`(byUs: Bool, loss: Double) throws {
        let interop = Interop(.theyConnect)
        #expect(interop.connect())
        for round in 1...3 {
            interop.loss = 0
            let id = interop.open()
            #expect(id == ChannelID(1))
            try interop.ours.send(numbered(round), isText: false, on: id, now: interop.now)
            interop.run(for: .seconds(1))
            #expect(interop.theirs.messages.last?.bytes == numbered(round))
            interop.loss = loss
            if byUs {
                interop.ours.closeChannel(id, now: interop.now)
                #expect(interop.run { interop.theirs.resetStreams.filter { $0 == 1 }.count == round })
                #expect(interop.theirs.resetOutgoing(stream: 1))
            } else {
                #expect(interop.theirs.resetOutgoing(stream: 1))
            }
            #expect(interop.run { interop.events.filter { $0 == .channelClosed(id) }.count == round })
            #expect(interop.run { interop.theirs.resetStreams.filter { $0 == 1 }.count == round })
            interop.run(for: .seconds(30))
        }
    }

    @Test(arguments: [true, false])
    func `lossy channels skip what is lost and never stall`(ordered: Bool) throws {
        let interop = Interop(.theyConnect)
        #expect(interop.connect())
        let id = interop.open(.maxRetransmits(0), ordered: ordered)
        interop.loss = 0.2
        for number in 0..<200 {
            let size = number % 4 == 0 ? 5000 : 100
            try interop.ours.send(numbered(number, size: size), isText: false, on: id, now: interop.now)
            interop.theirs.send(
                numbered(number, size: size), ppid: 53, stream: id.rawValue, isOrdered: ordered, maxRetransmits: 0)
            interop.run(for: .milliseconds(20))
        }
        interop.loss = 0
        interop.run(for: .seconds(30))
        try interop.ours.send(numbered(200), isText: false, on: id, now: interop.now)
        interop.theirs.send(numbered(200), ppid: 53, stream: id.rawValue, isOrdered: ordered, maxRetransmits: 0)
        interop.run(for: .seconds(5))
        #expect(interop.received.last == numbered(200))
        #expect(interop.theirs.messages.last?.bytes == numbered(200))
        for received in [interop.received, interop.theirs.messages.dropFirst().map(\.bytes)] {
            #expect(received.count > 60)
            #expect(received.count < 201)
            #expect(Set(received).count == received.count)
            if ordered { #expect(received == received.sorted { $0.lexicographicallyPrecedes($1) }) }
        }
        #expect(interop.ours.isConnected && !interop.theirs.isDown)
        #expect(interop.ours.bufferedAmount == 0)
        #expect(interop.ours.receiver.held == 0)
    }

    @Test(arguments: [true, false])
    func `a shutdown from either side ends both`(byUs: Bool) throws {
        let interop = Interop(.theyConnect)
        #expect(interop.connect())
        let id = interop.open()
        try interop.ours.send(numbered(1, size: 20_000), isText: false, on: id, now: interop.now)
        if byUs { interop.ours.shutdown(now: interop.now) } else { interop.theirs.shutdown() }
        interop.run(for: .seconds(20))
        #expect(interop.events.last == .closed(.shutdown))
        #expect(interop.theirs.isDown)
        #expect(interop.theirs.messages.last?.bytes == numbered(1, size: 20_000) || !byUs)
    }

    @Test func `an abort ends both`() {
        let ours = Interop(.theyConnect)
        #expect(ours.connect())
        ours.ours.abort()
        ours.run(for: .seconds(1))
        #expect(ours.theirs.isDown)
    }
}
