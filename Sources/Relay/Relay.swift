import Media

/// The one door to the SFU: calls in, event streams out. It owns rooms and participants; media lives in workers, which
/// it commands and which report to it.
package actor Relay {
    package nonisolated let configuration: RelayConfiguration
    /// The media port in use.
    package nonisolated let udpPort: Int
    /// Media over TCP; nil: none.
    package nonisolated let tcpPort: Int?
    /// What encrypts the media that goes out: a library and its version.
    package nonisolated var sealingEngine: String { SealingEngine.fastest.version ?? "" }
    /// What participants send over data channels, whether they may or not, for one consumer that judges it and passes
    /// it on with `deliver`.
    package nonisolated let dataMessages: AsyncStream<DataMessage>

    let dataInbox: AsyncStream<DataMessage>.Continuation
    let directory: SessionDirectory
    let pool: WorkerPool
    let certificate: DTLSCertificate
    let endpoint: LocalEndpoint
    private let workerEvents: AsyncStream<WorkerEvent>
    private let report: AsyncStream<WorkerEvent>.Continuation
    private nonisolated let observers = Locked<[AsyncStream<RelayEvent>.Continuation]>([])

    var rooms: [String: Room] = [:]
    var participants: [ParticipantID: Participant] = [:]
    var byTransport: [TransportID: Participant] = [:]
    var joinSeconds = Histogram(bounds: [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10])
    var joinTimes: [ParticipantID: Instant] = [:]
    var isShuttingDown = false
    var ticks = 0
    private var nextTransport: UInt64 = 0

    /// Binds the media port and starts the workers.
    package init(configuration: RelayConfiguration) throws(RelayStartError) {
        self.configuration = configuration
        do throws(DTLSError) {
            certificate = try DTLSCertificate(now: Int(Clock.wallMilliseconds() / 1000))
        } catch {
            throw RelayStartError("certificate: \(error)")
        }
        let (events, report) = AsyncStream.makeStream(of: WorkerEvent.self)
        workerEvents = events
        self.report = report
        // Whoever judges the messages takes them faster than they come; where not, the newest are lost.
        (dataMessages, dataInbox) = AsyncStream.makeStream(
            of: DataMessage.self, bufferingPolicy: .bufferingOldest(8192))
        directory = SessionDirectory()
        pool = try WorkerPool(
            count: configuration.workers > 0 ? configuration.workers : WorkerPool.cores, host: configuration.host,
            port: configuration.udpPort, tcpPort: configuration.tcpPort, directory: directory,
            report: { report.yield($0) })
        udpPort = pool.port
        tcpPort = pool.tcpPort
        endpoint = LocalEndpoint(
            fingerprint: certificate.fingerprint,
            candidates: LocalEndpoint.candidates(
                addresses: configuration.advertisedAddresses, port: pool.port, tcpPort: pool.tcpPort),
            maxMessageSize: configuration.limits.data.messageSize)
    }

    /// Handles what the workers report, until the relay is shut down. To be run by whoever made the relay.
    package func run() async {
        for await event in workerEvents {
            if !isShuttingDown { handle(event) }
        }
    }

    /// What happens in rooms from now on. Each consumer gets its own stream.
    package nonisolated func events() -> AsyncStream<RelayEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: RelayEvent.self)
        observers.withLock { $0.append(continuation) }
        return stream
    }

    nonisolated func publish(_ event: RelayEvent) {
        let observers = observers.withLock { $0 }
        for observer in observers { observer.yield(event) }
    }

    /// Everyone is told `.left(.serverShutdown)`; then the workers stop and all streams end.
    package func shutdown() async {
        guard !isShuttingDown else { return }
        isShuttingDown = true
        for participant in Array(participants.values) { depart(participant, reason: .serverShutdown) }
        for room in Array(rooms.values) { close(room) }
        let pool = pool
        await Task.detached { pool.stop() }.value
        report.finish()
        dataInbox.finish()
        observers.withLock { observers in
            for observer in observers { observer.finish() }
            observers = []
        }
    }

    /// Whether newcomers are let in.
    package var isAccepting: Bool { !isShuttingDown }

    func makeTransport(_ direction: TransportDirection, credentials: ICECredentials) -> TransportID {
        nextTransport += 1
        let id = TransportID(rawValue: nextTransport)
        directory.add(
            TransportSetup(
                id: id, direction: direction, credentials: credentials, certificate: certificate,
                limits: configuration.limits.data))
        return id
    }
}
