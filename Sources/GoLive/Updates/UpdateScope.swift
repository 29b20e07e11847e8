/// What somebody listens to.
enum UpdateScope: Sendable {
    /// One host, whose page they look at.
    case host(UpdateSource)
    /// The hosts of a list that they look at, and word of streams that begin and end, whoever's they are.
    case directory([UpdateSource])
}

/// A host, by whom updates are told apart.
struct UpdateSource: Sendable, Hashable {
    var id: String
    var username: String
}

extension UpdateScope {
    /// Hosts in one stream of events.
    static let most = 100

    var sources: [UpdateSource] {
        switch self {
        case .host(let source): [source]
        case .directory(let sources): sources
        }
    }

    var isDirectory: Bool {
        if case .directory = self { true } else { false }
    }

    /// The same for the same hosts, in whatever order, while the process runs.
    ///
    /// - Parameter seed: random, of the process.
    func epoch(seed: UInt64) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(seed)
        hasher.combine(isDirectory)
        hasher.combine(Set(sources.map(\.id)))
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
