import Dispatch
import Glibc

/// SIGTERM and SIGINT. The first asks the server to stop; a second ends the process at once, and so does a stop that
/// takes longer than three seconds.
final class StopSignals: Sendable {
    private static let patience = DispatchTimeInterval.milliseconds(2900)

    private let arrivals: AsyncStream<Int32>
    /// Kept alive, and never touched again.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init() {
        let (arrivals, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.arrivals = arrivals
        let queue = DispatchQueue(label: "golive.signals")
        let seen = Seen()
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if seen.isSecond() { _exit(128 + number) }
                continuation.yield(number)
                queue.asyncAfter(deadline: .now() + Self.patience) { _exit(0) }
            }
            source.resume()
            return source
        }
    }

    /// Returns when the first signal has arrived, or when the task is cancelled.
    func first() async {
        for await _ in arrivals { return }
    }

    /// Touched on the queue alone.
    private final class Seen: @unchecked Sendable {
        private var any = false

        func isSecond() -> Bool {
            defer { any = true }
            return any
        }
    }
}
