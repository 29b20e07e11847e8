import CSocket
import Glibc
import Media

/// What runs on a media thread: receives, looks after everyone in rounds, and does what it is told.
final class MediaLoop {
    private let owner: MediaThread
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var batch = DatagramBatch()
    /// For what comes out of a bad line.
    private let slot = UnsafeMutableRawPointer.allocate(byteCount: DatagramBatch.slotSize, alignment: 64)
    private var viewers: [PeerID: ViewerMedia] = [:]
    private var publishers: [PeerID: PublisherMedia] = [:]
    private var finished = MediaReport()
    private var latency = ArrivalLatency()
    private var nextRound = Clock.now()
    private var isRunning = true
    private static let viewerRound = Duration.milliseconds(10)
    private static let publisherRound = Duration.milliseconds(2)

    init(_ owner: MediaThread) {
        self.owner = owner
        watch(owner.descriptor, as: -1)
    }

    deinit {
        slot.deallocate()
        Glibc.close(epoll)
    }

    private func watch(_ descriptor: Int32, as peer: PeerID) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(bitPattern: Int64(peer))
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    func run() {
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: 256)
        defer { events.deallocate() }
        while isRunning {
            let wait = max(0, ((nextRound - Clock.now()).inNanoseconds + 999_999) / 1_000_000)
            let count = epoll_wait(epoll, events, 256, Int32(clamping: wait))
            for index in 0..<max(0, Int(count)) {
                let peer = PeerID(Int64(bitPattern: events[index].data.u64))
                if peer == -1 { obey() } else { receive(peer) }
            }
            let now = Clock.now()
            guard now >= nextRound else { continue }
            nextRound = now + (publishers.isEmpty ? Self.viewerRound : Self.publisherRound)
            for viewer in viewers.values {
                deliver(to: viewer, by: now)
                viewer.transport.advance(to: now)
                viewer.advance(to: now)
            }
            for publisher in publishers.values {
                publisher.transport.advance(to: now)
                publisher.advance(to: now)
            }
        }
    }

    // MARK: - Datagrams

    private func receive(_ peer: PeerID) {
        let (viewer, publisher) = (viewers[peer], publishers[peer])
        guard let transport = viewer?.transport ?? publisher?.transport else { return }
        // Several turns, so that one burst does not wait for the others, and not for ever.
        for _ in 0..<4 {
            let count = batch.fill(from: transport.socket.descriptor)
            for index in 0..<count {
                let (start, length) = batch.datagram(index)
                let arrival = batch.arrival(index)
                if let viewer {
                    if viewer.enterLine(UnsafeRawBufferPointer(start: start, count: length), now: arrival) { continue }
                    take(start, length, for: viewer, at: arrival)
                } else if case .rtcp(let packets) = transport.receive(start, length, now: batch.now) {
                    publisher?.receive(packets, now: arrival)
                }
            }
            guard count == DatagramBatch.capacity else { return }
        }
    }

    /// What has come through a viewer's bad line.
    private func deliver(to viewer: ViewerMedia, by now: Instant) {
        while let (bytes, due) = viewer.line?.leave(by: now) {
            bytes.withUnsafeBytes { slot.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            take(slot, bytes.count, for: viewer, at: due)
        }
    }

    private func take(_ start: UnsafeMutableRawPointer, _ length: Int, for viewer: ViewerMedia, at arrival: Instant) {
        switch viewer.transport.receive(start, length, now: arrival) {
        case .nothing: return
        case .rtp(let opened):
            let packet = UnsafeRawBufferPointer(start: start, count: opened).bytes
            viewer.receive(packet, now: arrival, latency: &latency)
        case .rtcp(let packets): viewer.receive(packets, now: arrival)
        }
    }

    // MARK: - Commands

    private func obey() {
        let now = Clock.now()
        for command in owner.fetch() {
            switch command {
            case .watch(let peer, let server, let credentials, let decodes, let line):
                guard let transport = connect(peer, server, credentials, now) else { continue }
                viewers[peer] = ViewerMedia(
                    transport, times: owner.times, loss: owner.plan.loss, line: line.map(BadLine.init),
                    decodes: decodes, now: now)
            case .expect(let peer, let streams):
                viewers[peer]?.expect(streams)
            case .publish(let peer, let server, let credentials, let media):
                guard let transport = connect(peer, server, credentials, now),
                    let publisher = try? PublisherMedia(
                        transport, media, profile: owner.plan.video, number: peer, times: owner.times, now: now)
                else {
                    finished.failed.insert(peer)
                    continue
                }
                publishers[peer] = publisher
            case .close(let peer): close(peer)
            case .report(let reply): reply(report)
            case .stop: isRunning = false
            }
        }
        nextRound = now
    }

    private func connect(
        _ peer: PeerID, _ server: ServerEnd, _ credentials: ICECredentials, _ now: Instant
    ) -> ClientTransport? {
        guard
            let transport = try? ClientTransport(
                server, credentials: credentials, certificate: owner.certificate, now: now)
        else {
            finished.failed.insert(peer)
            return nil
        }
        watch(transport.socket.descriptor, as: peer)
        return transport
    }

    private func close(_ peer: PeerID) {
        if let viewer = viewers.removeValue(forKey: peer) {
            finished.add(viewer, as: peer)
            viewer.transport.close()
        }
        if let publisher = publishers.removeValue(forKey: peer) {
            finished.add(publisher, as: peer)
            publisher.transport.close()
        }
    }

    private var report: MediaReport {
        var report = finished
        for (peer, viewer) in viewers { report.add(viewer, as: peer) }
        for (peer, publisher) in publishers { report.add(publisher, as: peer) }
        report.latency = latency
        return report
    }
}

extension MediaReport {
    fileprivate mutating func add(_ viewer: ViewerMedia, as peer: PeerID) {
        viewers[peer] = viewer.report
        if viewer.transport.hasFailed { failed.insert(peer) }
    }

    fileprivate mutating func add(_ publisher: PublisherMedia, as peer: PeerID) {
        publishers[peer] = publisher.report
        if publisher.transport.hasFailed { failed.insert(peer) }
    }
}
