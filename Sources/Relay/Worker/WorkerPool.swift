import Glibc
import Media

/// The workers' threads. Starting binds all their sockets, so that a port that is taken is known at once.
final class WorkerPool: Sendable {
    let port: Int
    /// nil: media goes over UDP only.
    let tcpPort: Int?
    let mailboxes: [Mailbox]
    private let threads: [pthread_t]

    init(
        count: Int, host: String, port: Int, tcpPort: Int?, directory: SessionDirectory,
        report: @escaping @Sendable (WorkerEvent) -> Void
    ) throws(RelayStartError) {
        let count = min(max(1, count), Self.maximumWorkers)
        // With SO_REUSEPORT a second server would bind the same port unnoticed and take half of the datagrams.
        if port != 0 { try UDPSocket.check(host: host, port: port) }
        var sockets: [UDPSocket] = []
        var boundPort = port
        for _ in 0..<count {
            let socket = try UDPSocket(host: host, port: boundPort)
            boundPort = socket.localPort
            sockets.append(socket)
        }
        let listeners = try Self.listeners(count: count, host: host, port: tcpPort)
        self.tcpPort = listeners.first?.localPort
        var mailboxes: [Mailbox] = []
        for _ in 0..<count { mailboxes.append(try Mailbox()) }
        self.mailboxes = mailboxes
        self.port = boundPort
        directory.attach(mailboxes)
        var threads: [pthread_t] = []
        for (index, socket) in sockets.enumerated() {
            let worker = try Worker(
                index: index, socket: socket, listener: listeners.isEmpty ? nil : listeners[index],
                mailbox: mailboxes[index], directory: directory, report: report)
            threads.append(try Self.start(worker, index: index))
        }
        self.threads = threads
    }

    /// One a worker, all on one port; none when `port` is nil.
    private static func listeners(
        count: Int, host: String, port: Int?
    ) throws(RelayStartError) -> [TCPListener] {
        guard var port else { return [] }
        if port != 0 { try TCPListener.check(host: host, port: port) }
        var listeners: [TCPListener] = []
        for _ in 0..<count {
            let listener = try TCPListener(host: host, port: port)
            port = listener.localPort
            listeners.append(listener)
        }
        return listeners
    }

    func post(_ command: WorkerCommand) {
        for mailbox in mailboxes { mailbox.post(command) }
    }

    /// Asks each worker what it has counted. As many answers come as there are workers.
    func requestCounters() -> some AsyncSequence<WorkerCounters, Never> {
        let (stream, continuation) = AsyncStream.makeStream(of: WorkerCounters.self)
        post(.count { continuation.yield($0) })
        return stream.prefix(mailboxes.count)
    }

    /// More than this many would not fit into `TrackFeed.readingWorkers`.
    static let maximumWorkers = 64

    /// The processors that this process may use.
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Returns when all threads have ended. Not to be called on a thread that anything waits for.
    func stop() {
        post(.stop)
        for thread in threads { pthread_join(thread, nil) }
    }

    private static func start(_ worker: Worker, index: Int) throws(RelayStartError) -> pthread_t {
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Worker>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(worker).toOpaque())
        guard result == 0 else { throw RelayStartError("thread", result) }
        return thread
    }
}
