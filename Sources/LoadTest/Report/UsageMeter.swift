import CSocket
import Glibc
import Media

/// Processor time and memory of this process, and of the server's when it runs here.
struct UsageMeter: Sendable {
    struct Mark: Sendable {
        var time: Instant
        /// Seconds of processor time since the processes began.
        var own: Double
        var server: Double?
    }

    struct Spent: Sendable {
        /// Seconds.
        var wall: Double
        /// Seconds of processor time.
        var own: Double
        var server: Double?
        /// Bytes of resident memory.
        var ownMemory: Int?
        var serverMemory: Int?
    }

    let server: Int?

    func begin() -> Mark {
        Mark(
            time: Clock.now(), own: Self.processorTime(Int(getpid())) ?? 0,
            server: server.flatMap(Self.processorTime))
    }

    func end(since mark: Mark) -> Spent {
        let now = begin()
        var spent = Spent(wall: (now.time - mark.time).inSeconds, own: now.own - mark.own)
        if let before = mark.server, let after = now.server { spent.server = after - before }
        spent.ownMemory = Self.memory(Int(getpid()))
        spent.serverMemory = serverMemory
        return spent
    }

    /// Bytes of the server's resident memory.
    var serverMemory: Int? { server.flatMap(Self.memory) }

    /// By the process's own clock, which counts nanoseconds; /proc counts hundredths of a second.
    private static func processorTime(_ process: Int) -> Double? {
        let nanoseconds = golive_processor_time(Int32(clamping: process))
        return nanoseconds < 0 ? nil : Double(nanoseconds) * 1e-9
    }

    private static func memory(_ process: Int) -> Int? {
        guard let file = fopen("/proc/\(process)/statm", "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = fread(&bytes, 1, bytes.count, file)
        let fields = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
