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
        case watch(PeerID, ServerEnd, ICECredentials, decodes: Bool, LineQuality?)
        case expect(PeerID, [OfferedStream])
        case publish(PeerID, ServerEnd, ICECredentials, PublishedMedia)
        /// Nothing of the participant remains but the report.
        case close(PeerID)
        case report(@Sendable (MediaReport) -> Void)
        case stop
    }

    private let mailbox = Mutex<[Command]>([])
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
        mailbox.withLock { $0.append(command) }
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    func report() async -> MediaReport {
        await withCheckedContinuation { continuation in post(.report { continuation.resume(returning: $0) }) }
    }

    var descriptor: Int32 { wakeup }

    func fetch() -> [Command] {
        var count: UInt64 = 0
        _ = read(wakeup, &count, 8)
        return mailbox.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}
