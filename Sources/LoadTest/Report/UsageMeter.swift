import Glibc
import Media

/// Processor time and memory of this process, and of the server's when it runs here.
struct UsageMeter: Sendable {
    struct Mark: Sendable {
        var time: Instant
        var own: Double
        var server: Double?
    }

    struct Spent: Sendable {
        /// Seconds.
        var wall: Double
        /// Seconds of processor time.
        var own: Double
        var server: Double?
        /// Bytes of the server's resident memory.
        var serverMemory: Int?
    }

    let server: Int?

    func begin() -> Mark { Mark(time: Clock.now(), own: Self.own(), server: server.flatMap(Self.processorTime)) }

    func end(since mark: Mark) -> Spent {
        let now = begin()
        var spent = Spent(wall: (now.time - mark.time).inSeconds, own: now.own - mark.own)
        if let before = mark.server, let after = now.server { spent.server = after - before }
        spent.serverMemory = server.flatMap(Self.memory)
        return spent
    }

    private static func own() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    /// Fields 14 and 15 of /proc/PID/stat, counted behind the name, which may hold spaces.
    private static func processorTime(_ process: Int) -> Double? {
        guard let text = read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func memory(_ process: Int) -> Int? {
        guard let fields = read("/proc/\(process)/statm")?.split(separator: " "), fields.count > 1,
            let pages = Int(fields[1])
        else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
