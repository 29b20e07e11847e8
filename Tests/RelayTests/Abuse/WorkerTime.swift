import Glibc

/// The processor time of a relay's threads, which Linux counts for each by itself: a busy machine does not change it.
struct WorkerTime {
    private let threads: [pid_t]

    /// - Parameter others: the workers of other relays in this process.
    init(without others: [pid_t]) {
        threads = Self.threads().filter { !others.contains($0) }
    }

    /// All workers of this process, by the name that they give themselves.
    static func threads() -> [pid_t] {
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var found: [pid_t] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let thread = pid_t(name), let file = fopen("/proc/self/task/\(name)/comm", "r") else { continue }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 32)
            guard fgets(&line, 32, file) != nil else { continue }
            if line.starts(with: "relay-".utf8.map { CChar($0) }) { found.append(thread) }
        }
        return found
    }

    /// Spent since they began. Those that have ended count no more.
    var nanoseconds: Int64 {
        threads.reduce(0) { sum, thread in
            var time = timespec()
            // A thread's own clock, as clock_getcpuclockid makes one of a process.
            let clock = clockid_t(bitPattern: ~UInt32(bitPattern: thread) << 3 | 6)
            return clock_gettime(clock, &time) == 0
                ? sum + Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) : sum
        }
    }
}
