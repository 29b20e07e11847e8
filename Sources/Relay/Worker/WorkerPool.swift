import Glibc
import Media

/// The workers' threads. Starting binds all their sockets, so that a port that is taken is known at once.
final class WorkerPool: Sendable {
    let port: Int
    let mailboxes: [Mailbox]
    private let threads: [pthread_t]

    init(
        count: Int, host: String, port: Int, directory: SessionDirectory,
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
        var mailboxes: [Mailbox] = []
        for _ in 0..<count { mailboxes.append(try Mailbox()) }
        self.mailboxes = mailboxes
        self.port = boundPort
        directory.attach(mailboxes)
        var threads: [pthread_t] = []
        for (index, socket) in sockets.enumerated() {
            let worker = try Worker(
                index: index, socket: socket, mailbox: mailboxes[index], directory: directory, report: report)
            threads.append(try Self.start(worker, index: index))
        }
        self.threads = threads
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
