import Media

/// A transport with the tracks it carries: what a worker keeps for each peer connection.
final class Connection {
    let transport: Transport
    let incoming = IncomingTracks()
    let outgoing = OutgoingTracks()
    /// Addresses under which the worker finds it.
    var addresses: [TransportAddress] = []
    /// Fragments under which checks find it: the one in use, and the one before an ICE restart.
    private(set) var ufrags: [String]
    /// The deadline that is in the worker's timer queue; nil: none.
    var scheduled: Instant?
    private var nextRound: Instant
    /// Set while the peer's signalling is away.
    private var life: LifeWatch?

    /// While the peer's signalling is away.
    private static let watchInterval = Duration.milliseconds(50)
    private static let idleInterval = Duration.seconds(1)

    init(_ transport: Transport, now: Instant) {
        self.transport = transport
        ufrags = [transport.setup.formerCredentials?.ufrag, transport.setup.credentials.ufrag].compactMap(\.self)
        nextRound = now
    }

    func receive(rtp start: UnsafeMutableRawPointer, _ length: Int, arrival: Instant, now: Instant, outbox: Outbox) {
        guard let opener = transport.opener else {
            outbox.counters.count(.noKeys)
            return
        }
        do throws(SRTPError) {
            let opened = try opener.open(rtp: start, length: length)
            transport.heard(now)
            // What is of no track is not to take up one of the sources that a peer may have.
            if let stranger = incoming.receive(start, opened, arrival: arrival, outbox: outbox) {
                opener.forget(ssrc: stranger)
            }
        } catch {
            outbox.counters.count(error.dropReason)
        }
    }

    func receive(rtcp start: UnsafeMutableRawPointer, _ length: Int, arrival: Instant, now: Instant, outbox: Outbox) {
        guard let opener = transport.opener else {
            outbox.counters.count(.noKeys)
            return
        }
        let packets: [RTCPPacket]
        do throws(SRTPError) {
            let opened = try opener.open(rtcp: start, length: length)
            transport.heard(now)
            guard let parsed = try? RTCPCompound.parse(UnsafeRawBufferPointer(start: start, count: opened).bytes) else {
                outbox.counters.count(.malformed)
                return
            }
            packets = parsed
        } catch {
            outbox.counters.count(error.dropReason)
            return
        }
        switch transport.setup.direction {
        case .incoming: incoming.receive(packets, arrival: arrival, outbox: outbox)
        case .outgoing:
            outgoing.receive(packets, on: transport, now: now, outbox: outbox)
            if outgoing.isUnsettled { hasten(now) }
        }
    }

    /// When `advance` has something to do.
    var nextTimeout: Instant {
        min(
            nextRound, transport.nextTimeout ?? nextRound, incoming.nextTimeout ?? nextRound,
            outgoing.nextTimeout ?? nextRound)
    }

    /// Something that came is to be looked after before the deadline that is in the timer queue.
    var isScheduledLate: Bool {
        guard let scheduled, let due = incoming.nextTimeout else { return false }
        return due < scheduled
    }

    /// Something was added or changed that is not to wait for the next round.
    func hasten(_ now: Instant) {
        nextRound = min(nextRound, now)
    }

    /// An ICE restart. Returns the fragment that finds it no longer.
    func restart(_ credentials: ICECredentials, keepsFormer: Bool) -> String? {
        transport.restart(credentials: credentials, keepsFormer: keepsFormer)
        ufrags.append(credentials.ufrag)
        return ufrags.count > 2 ? ufrags.removeFirst() : nil
    }

    /// Whether the control plane is to be told of signs of life from now on.
    func watch(_ isWatched: Bool, now: Instant) {
        life = isWatched ? LifeWatch(now: now) : nil
        hasten(now)
    }

    func advance(to now: Instant, outbox: Outbox) -> [Transport.Event] {
        var events: [Transport.Event] = []
        if min(nextRound, transport.nextTimeout ?? nextRound, incoming.nextTimeout ?? nextRound) <= now {
            events = advanceAll(to: now, outbox: outbox)
        }
        // Also what that has just begun.
        if let due = outgoing.line.nextProbe, due <= now { outgoing.probe(now, on: transport, outbox: outbox) }
        if let due = outgoing.nextSend, due <= now { outgoing.catchUp(to: now, on: transport, outbox: outbox) }
        return events
    }

    private func advanceAll(to now: Instant, outbox: Outbox) -> [Transport.Event] {
        let events = transport.advance(to: now, outbox: outbox)
        if let seen = life?.look(at: transport, now: now, outbox: outbox) {
            outbox.events.append(.alive(transport.setup.id, seen))
        }
        incoming.advance(to: now, on: transport, outbox: outbox)
        outgoing.advance(to: now, on: transport, outbox: outbox)
        nextRound = roundDue(after: now)
        return events
    }

    private func roundDue(after now: Instant) -> Instant {
        if life != nil { return now + Self.watchInterval }
        return outgoing.isEmpty ? now + Self.idleInterval : outgoing.nextRound(after: now)
    }
}

extension SRTPError {
    fileprivate var dropReason: DropReason {
        switch self {
        case .authentication: .authentication
        case .replay: .replay
        default: .malformed
        }
    }
}

extension Transport {
    /// Bytes of the largest RTCP datagram, before sealing.
    private static let maximumRTCP = 1200

    /// Seals and sends RTCP packets, in as few datagrams as hold them.
    func send(rtcp packets: [RTCPPacket], outbox: Outbox) {
        var datagram: [UInt8] = []
        for packet in packets {
            let bytes = RTCPCompound.serialize([packet])
            if !datagram.isEmpty, datagram.count + bytes.count > Self.maximumRTCP {
                send(rtcp: datagram, outbox: outbox)
                datagram = []
            }
            datagram += bytes
        }
        if !datagram.isEmpty { send(rtcp: datagram, outbox: outbox) }
    }

    private func send(rtcp bytes: [UInt8], outbox: Outbox) {
        guard let sealer, let address = selected,
            bytes.count + SRTPSealer.maximumOverhead <= SendBatch.slotSize
        else { return }
        let slot = outbox.nextSlot()
        bytes.withUnsafeBytes { slot.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        guard let sealed = try? sealer.seal(rtcp: slot, length: bytes.count) else { return }
        outbox.commit(length: sealed, to: address)
    }
}
