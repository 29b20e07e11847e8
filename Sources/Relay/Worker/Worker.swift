import CSocket
import Glibc
import Media

/// One thread with its own sockets, transports and timers: the only place in the relay that reads a socket or a clock.
/// Nothing here is shared; others leave commands in its mailbox.
///
/// A turn of its loop: wait for a datagram, a command or a deadline; drain the socket in batches, and forward what they brought,
/// perhaps after a short wait for the rest of a frame; then commands, rings of other workers, timers, and one last send.
final class Worker {
    let index: Int
    private let socket: UDPSocket
    let listener: TCPListener?
    private let mailbox: Mailbox
    private let directory: SessionDirectory
    private let report: @Sendable (WorkerEvent) -> Void
    let poller: Poller
    let outbox: Outbox
    private var received = ReceiveBatch()
    let streams: TCPConnections
    let piece = StreamPiece()

    private(set) var connections: [TransportID: Connection] = [:]
    var byUfrag: [String: Connection] = [:]
    var byAddress: [TransportAddress: Connection] = [:]
    /// Addresses whose datagrams the kernel hands to this socket although their session lives on another worker.
    private var strays: [TransportAddress: Mailbox] = [:]
    private static let strayCapacity = 1024
    var fanouts: [TrackID: Fanout] = [:]
    private var timers = TimerQueue()
    private var nextTick: Instant
    private var isRunning = true

    init(
        index: Int, socket: UDPSocket, listener: TCPListener?, mailbox: Mailbox, directory: SessionDirectory,
        report: @escaping @Sendable (WorkerEvent) -> Void
    ) throws(RelayStartError) {
        self.index = index
        self.socket = socket
        self.listener = listener
        self.mailbox = mailbox
        self.directory = directory
        self.report = report
        nextTick = Clock.now()
        poller = try Poller()
        streams = TCPConnections(worker: index, poller: poller)
        outbox = Outbox(descriptor: socket.descriptor, streams: streams)
        guard poller.add(socket.descriptor), poller.add(mailbox.descriptor) else {
            throw RelayStartError("epoll_ctl", errno)
        }
    }

    /// Runs until it is told to stop.
    func run() {
        golive_name_thread("relay-\(index)")
        var isBehind = false
        while isRunning {
            wait(isBehind)
            receive()
            receiveStreams()
            obey()
            isBehind = false
            for fanout in fanouts.values where fanout.drain(into: outbox) { isBehind = true }
            advance(to: Clock.now())
            settle()
        }
        for connection in connections.values { connection.transport.close(outbox: outbox) }
        outbox.flush()
    }

    /// - Parameter isBehind: there is more to forward, and nothing to wait for.
    private func wait(_ isBehind: Bool) {
        if isBehind { return poller.wait(milliseconds: 0) }
        let soonest = min(timers.soonest ?? nextTick, nextTick)
        let nanoseconds = (soonest - Clock.now()).inNanoseconds
        poller.wait(milliseconds: Int32(clamping: max(0, (nanoseconds + 999_999) / 1_000_000)))
    }

    // MARK: - Datagrams

    /// How many batches are read before commands and timers get their turn.
    private static let batchesPerTurn = 16

    private func receive() {
        var hold = ForwardingHold()
        for _ in 0..<Self.batchesPerTurn {
            let count = received.fill(from: socket.descriptor)
            if count > 0 { accept(count) }
            guard count == ReceiveBatch.capacity else {
                let now = Clock.now()
                outbox.now = now
                // What comes meanwhile is read before anything is forwarded.
                if let rest = hold.rest(gatheringDeadline(now), now: now), socket.wait(rest) { continue }
                break
            }
            // What came is not all read while what is there already takes so long to leave.
            if forward() { break }
            hold = ForwardingHold()
        }
        outbox.now = Clock.now()
        forward()
    }

    /// Takes what the last read brought.
    private func accept(_ count: Int) {
        let now = Clock.now()
        outbox.now = now
        // The kernel stamps wall time; the rest of the relay runs on monotonic time.
        let wallOffset = now.nanoseconds &- Clock.wallNanoseconds()
        for i in 0..<count {
            let (start, length) = received.datagram(i)
            outbox.counters.packetsIn &+= 1
            outbox.counters.bytesIn &+= UInt64(length)
            guard let sender = received.sender(i), !received.isTruncated(i) else {
                outbox.counters.count(.notRecognised)
                continue
            }
            let wall = received.wallReceiveTime(i)
            let arrival = wall == 0 ? now : min(now, Instant(nanoseconds: wall &+ wallOffset))
            accept(start, length, from: sender, arrival: arrival, now: now)
        }
    }

    /// Until when the rest of frames that have begun to come is worth waiting for; nil: not at all.
    private func gatheringDeadline(_ now: Instant) -> Instant? {
        var soonest: Instant?
        for fresh in outbox.fresh {
            guard let patience = fanouts[fresh.feed.track]?.patience(fresh.layer.ring),
                let deadline = fresh.layer.gathering.deadline(patience: patience), deadline > now
            else { continue }
            soonest = min(soonest ?? deadline, deadline)
        }
        return soonest
    }

    func accept(
        _ start: UnsafeMutableRawPointer, _ length: Int, from sender: TransportAddress, arrival: Instant, now: Instant
    ) {
        let bytes = UnsafeRawBufferPointer(start: start, count: length)
        let kind = DatagramKind.classify(bytes.bytes)
        switch kind {
        case .unknown:
            outbox.counters.count(.notRecognised)
        case .stun:
            check(bytes, from: sender, arrival: arrival, now: now)
        case .dtls, .rtp, .rtcp:
            guard let connection = byAddress[sender] else {
                if let home = strays[sender] {
                    pass(bytes, from: sender, arrival: arrival, to: home)
                } else {
                    outbox.counters.count(.unknownAddress)
                }
                return
            }
            switch kind {
            case .rtp: connection.receive(rtp: start, length, arrival: arrival, now: now, outbox: outbox)
            case .rtcp: connection.receive(rtcp: start, length, arrival: arrival, now: now, outbox: outbox)
            default: handle(connection.transport.receive(dtls: bytes.bytes, now: now, outbox: outbox), of: connection)
            }
            // Flights to repeat, acknowledgements to give, a lost picture to repair: what came may have started a timer.
            if kind != .rtp || connection.isScheduledLate { schedule(connection, now: now) }
        }
    }

    private func pass(
        _ bytes: UnsafeRawBufferPointer, from sender: TransportAddress, arrival: Instant, to home: Mailbox
    ) {
        if !home.post(stray: Array(bytes), from: sender, arrival: arrival) { outbox.counters.count(.strayOverrun) }
    }

    /// A connectivity check: the only thing that is answered to a stranger, and only with a known ufrag and password.
    private func check(_ bytes: UnsafeRawBufferPointer, from sender: TransportAddress, arrival: Instant, now: Instant) {
        guard let ufrag = STUNMessage.localUfrag(of: bytes.bytes) else {
            outbox.counters.count(.stunRefused)
            return
        }
        if let connection = byUfrag[ufrag] { return check(bytes, from: sender, on: connection, now: now) }
        // Only whoever knows the password decides where a session lives.
        guard let credentials = directory.credentials(ufrag: ufrag),
            let request = try? STUNMessage(parsing: bytes.bytes),
            request.verifyIntegrity(password: credentials.password)
        else {
            outbox.counters.count(.stunRefused)
            return
        }
        switch directory.claim(ufrag: ufrag, for: index) {
        case .granted(let setup, let waiting):
            let connection = Connection(Transport(setup, now: now), now: now)
            connections[setup.id] = connection
            for ufrag in connection.ufrags { byUfrag[ufrag] = connection }
            check(bytes, from: sender, on: connection, now: now)
            for command in waiting { carryOut(command, on: connection, now: now) }
            schedule(connection, now: now)
        case .livesAt(let worker):
            // A session of our own that has ended, and whose participant has not gone yet.
            guard worker != index, let home = directory.mailbox(of: worker) else {
                outbox.counters.count(.stunRefused)
                return
            }
            if let connection = streams[sender.tcpConnection] {
                connection.nextHome = home
                return
            }
            if strays.count >= Self.strayCapacity { strays.removeAll() }
            strays[sender] = home
            pass(bytes, from: sender, arrival: arrival, to: home)
        case .unknown:
            outbox.counters.count(.stunRefused)
        }
    }

    private func check(
        _ bytes: UnsafeRawBufferPointer, from sender: TransportAddress, on connection: Connection, now: Instant
    ) {
        guard connection.transport.receive(stun: bytes.bytes, from: sender, now: now, outbox: outbox) else { return }
        if byAddress[sender] !== connection {
            byAddress[sender] = connection
            connection.addresses.append(sender)
            if let stream = streams[sender.tcpConnection] { streams.settle(stream) }
            // The agent keeps at most eight; what it forgot is no longer spoken to.
            for stale in connection.addresses where !connection.transport.ice.isVerified(stale) {
                if byAddress[stale] === connection { byAddress[stale] = nil }
            }
            connection.addresses.removeAll { !connection.transport.ice.isVerified($0) }
        }
    }

    /// Forwards what the last batch brought, here and on the other workers that have viewers. True when something is left, which
    /// has its turn in `run`.
    @discardableResult
    func forward() -> Bool {
        var hasMore = false
        var others: UInt64 = 0
        for fresh in outbox.fresh {
            if fanouts[fresh.feed.track]?.drain(into: outbox) == true { hasMore = true }
            others |= fresh.feed.readingWorkers
        }
        outbox.fresh.removeAll(keepingCapacity: true)
        others &= ~(1 << UInt64(index))
        while others != 0 {
            directory.mailbox(of: others.trailingZeroBitCount)?.wake()
            others &= others &- 1
        }
        outbox.flush()
        return hasMore
    }

    // MARK: - Commands

    private func obey() {
        let now = Clock.now()
        outbox.now = now
        for command in mailbox.fetch() {
            switch command {
            case .transport(let id, let command):
                guard let connection = connections[id] else { continue }
                carryOut(command, on: connection, now: now)
                schedule(connection, now: now)
            case .stray(var bytes, let sender, let arrival):
                let length = bytes.count
                // Room behind the packet, as in a receive slot.
                bytes.append(contentsOf: repeatElement(0, count: 64))
                bytes.withUnsafeMutableBytes { buffer in
                    accept(buffer.baseAddress!, length, from: sender, arrival: arrival, now: now)
                }
            case .adopt(let handover): adopt(handover, now: now)
            case .count(let reply): reply(counted)
            case .stop: isRunning = false
            }
        }
        forward()
    }

    // MARK: - What happened

    func handle(_ events: [Transport.Event], of connection: Connection) {
        let id = connection.transport.setup.id
        for event in events {
            switch event {
            case .connected:
                outbox.events.append(.connected(id))
                connection.hasten(Clock.now())
            case .data(let kind, let bytes): outbox.events.append(.data(id, kind, bytes))
            case .ended(let reason):
                outbox.events.append(.ended(id, reason))
                forget(connection)
            }
        }
    }

    func forget(_ connection: Connection) {
        for track in connection.outgoing.tracks { unsubscribe(connection, from: track) }
        for address in connection.addresses where byAddress[address] === connection { byAddress[address] = nil }
        for ufrag in connection.ufrags { byUfrag[ufrag] = nil }
        connections[connection.transport.setup.id] = nil
    }

    /// Hands over what the turn left in the outbox.
    private func settle() {
        for request in outbox.keyframeRequests {
            directory.post(
                .requestKeyframe(request.track, layer: request.layer, isPatient: request.isPatient),
                to: request.publisher)
        }
        outbox.keyframeRequests.removeAll(keepingCapacity: true)
        for connection in outbox.unsettled.compactMap({ connections[$0] }) {
            connection.outgoing.paceThoseBehind(outbox.now)
            connection.hasten(outbox.now)
            schedule(connection, now: outbox.now)
        }
        outbox.unsettled.removeAll(keepingCapacity: true)
        for event in outbox.events { report(event) }
        outbox.events.removeAll(keepingCapacity: true)
        outbox.flush()
    }

    // MARK: - Timers

    private func schedule(_ connection: Connection, now: Instant, notBefore earliest: Instant? = nil) {
        guard connections[connection.transport.setup.id] === connection else { return }
        let deadline = max(connection.nextTimeout, earliest ?? now)
        if let scheduled = connection.scheduled, scheduled <= deadline { return }
        connection.scheduled = deadline
        timers.schedule(connection.transport.setup.id, at: deadline)
    }

    private func advance(to now: Instant) {
        outbox.now = now
        while let id = timers.popDue(at: now) {
            guard let connection = connections[id], let scheduled = connection.scheduled, scheduled <= now else {
                continue
            }
            connection.scheduled = nil
            handle(connection.advance(to: now, outbox: outbox), of: connection)
            // A deadline that stays in the past costs a turn a millisecond, not the whole thread.
            schedule(connection, now: now, notBefore: now + .milliseconds(1))
        }
        if nextTick <= now {
            nextTick = now + .seconds(1)
            tendStreams(now)
            if index == 0 { outbox.events.append(.tick(now)) }
        }
    }
}
