import CSocket
import Glibc
import Media
import Synchronization

/// Which participant's media is meant.
typealias PeerID = Int

/// A thread that receives and sends the media of many participants. Others leave commands; what happens is noted and
/// handed over when asked for.
final class MediaThread: Sendable {
    enum Command: Sendable {
        case watch(PeerID, ServerEnd, ICECredentials, decodes: Bool)
        case expect(PeerID, [OfferedStream])
        case publish(PeerID, ServerEnd, ICECredentials, PublishedMedia)
        /// Nothing of the participant remains but the report.
        case close(PeerID)
        case report(@Sendable (MediaReport) -> Void)
        case stop
    }

    private struct Mailbox {
        var commands: [Command] = []
        var isStopped = false
    }

    private let mailbox = Mutex(Mailbox())
    private let wakeup: Int32
    /// Written once, before anybody else has the object.
    nonisolated(unsafe) private var thread = pthread_t()
    let plan: LoadTestPlan
    let times: SendTimes
    let certificate: DTLSCertificate

    init(_ plan: LoadTestPlan, times: SendTimes, certificate: DTLSCertificate) {
        self.plan = plan
        self.times = times
        self.certificate = certificate
        wakeup = golive_eventfd()
        let result = pthread_create(
            &thread, nil,
            { argument in
                let owner = Unmanaged<MediaThread>.fromOpaque(argument!).takeRetainedValue()
                golive_name_thread("load-media")
                MediaLoop(owner).run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(result == 0, "no thread can be started")
    }

    /// Ends the threads and waits until they are gone. Once, and before the program ends: OpenSSL, which they use, clears up
    /// then.
    static func stop(_ threads: [MediaThread]) {
        for thread in threads { thread.post(.stop) }
        for thread in threads { pthread_join(thread.thread, nil) }
    }

    deinit { close(wakeup) }

    func post(_ command: Command) {
        mailbox.withLock { $0.commands.append(command) }
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    func report() async -> MediaReport {
        await withCheckedContinuation { continuation in post(.report { continuation.resume(returning: $0) }) }
    }

    fileprivate var descriptor: Int32 { wakeup }

    fileprivate func fetch() -> [Command] {
        var count: UInt64 = 0
        _ = read(wakeup, &count, 8)
        return mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }
}

/// What a media thread has seen up to now.
struct MediaReport: Sendable {
    var viewers: [PeerID: ViewerReport] = [:]
    var publishers: [PeerID: PublisherReport] = [:]
    var failed: Set<PeerID> = []
    /// From a packet's way out of the publisher to its way into the viewer.
    var latency = LatencyDistribution()
}

/// What runs on the thread.
private final class MediaLoop {
    private let owner: MediaThread
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var batch = DatagramBatch()
    private var viewers: [PeerID: ViewerMedia] = [:]
    private var publishers: [PeerID: PublisherMedia] = [:]
    private var finished = MediaReport()
    private var latency = LatencyDistribution()
    private var nextRound = Clock.now()
    private var isRunning = true
    private static let viewerRound = Duration.milliseconds(10)
    private static let publisherRound = Duration.milliseconds(2)

    init(_ owner: MediaThread) {
        self.owner = owner
        watch(owner.descriptor, as: -1)
    }

    deinit { Glibc.close(epoll) }

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
                viewer.transport.advance(to: now)
                viewer.advance(to: now)
            }
            for publisher in publishers.values {
                publisher.transport.advance(to: now)
                publisher.advance(to: now)
            }
        }
    }

    private func receive(_ peer: PeerID) {
        guard let transport = viewers[peer]?.transport ?? publishers[peer]?.transport else { return }
        // Several turns, so that one burst does not wait for the others, and not for ever.
        for _ in 0..<4 {
            let count = batch.fill(from: transport.socket.descriptor)
            let now = Clock.now()
            for index in 0..<count {
                let (start, length) = batch.datagram(index)
                switch transport.receive(start, length, now: now) {
                case .nothing: continue
                case .rtp(let opened):
                    let packet = UnsafeRawBufferPointer(start: start, count: opened).bytes
                    viewers[peer]?.receive(packet, now: now, latency: &latency)
                case .rtcp(let packets):
                    viewers[peer]?.receive(packets, now: now)
                    publishers[peer]?.receive(packets, now: now)
                }
            }
            guard count == DatagramBatch.capacity else { return }
        }
    }

    // MARK: - Commands

    private func obey() {
        let now = Clock.now()
        for command in owner.fetch() {
            switch command {
            case .watch(let peer, let server, let credentials, let decodes):
                guard let transport = connect(peer, server, credentials, now) else { continue }
                viewers[peer] = ViewerMedia(
                    transport, times: owner.times, loss: owner.plan.loss, decodes: decodes, now: now)
            case .expect(let peer, let streams):
                viewers[peer]?.expect(streams)
            case .publish(let peer, let server, let credentials, let media):
                guard let transport = connect(peer, server, credentials, now),
                    let publisher = try? PublisherMedia(
                        transport, media, profile: owner.plan.video, times: owner.times, now: now)
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
        finished = report
        viewers.removeValue(forKey: peer)?.transport.close()
        publishers.removeValue(forKey: peer)?.transport.close()
    }

    private var report: MediaReport {
        var report = finished
        for (peer, viewer) in viewers {
            report.viewers[peer] = ViewerReport(
                connected: viewer.connected, dropped: viewer.dropped, streams: viewer.reports)
            if viewer.transport.hasFailed { report.failed.insert(peer) }
        }
        for (peer, publisher) in publishers {
            report.publishers[peer] = publisher.report
            if publisher.transport.hasFailed { report.failed.insert(peer) }
        }
        report.latency = latency
        return report
    }
}
