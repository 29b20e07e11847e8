import Glibc

/// How many connections the process may have open.
enum OpenFiles {
    /// Raises the limit to what the system allows. Every viewer is a WebSocket, and where UDP is blocked two media
    /// connections as well: the usual 1024 would end at a few hundred. Where it cannot be raised, it stays.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
