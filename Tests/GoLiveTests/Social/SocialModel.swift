@testable import GoLive

/// Follows, blocks and lists as one would say them in words: the slow truth that the store is held against.
struct SocialModel {
    struct Pair: Hashable {
        var from: String
        var to: String
    }

    struct Host {
        var id: String
        var updatedAt: Int64
        /// When it was live last.
        var seenAt: Int64
    }

    var hosts: [Host] = []
    var follows: Set<Pair> = []
    var blocks: Set<Pair> = []
    var viewers: [String: Int] = [:]

    /// - Returns: whether it is allowed.
    mutating func follow(_ host: String, by user: String) -> Bool {
        guard !isBlockedEitherWay(user, host) else { return false }
        follows.insert(Pair(from: user, to: host))
        return true
    }

    mutating func block(_ user: String, by host: String) {
        blocks.insert(Pair(from: host, to: user))
        follows.remove(Pair(from: host, to: user))
        follows.remove(Pair(from: user, to: host))
    }

    func isBlockedEitherWay(_ one: String, _ other: String) -> Bool {
        blocks.contains(Pair(from: one, to: other)) || blocks.contains(Pair(from: other, to: one))
    }

    func followerCount(_ host: String) -> Int { follows.count { $0.to == host } }

    func live(for viewer: String?) -> [String] {
        list(for: viewer) {
            viewers[$0.id] != nil
        } rank: {
            [watched($0)]
        }
    }

    func following(for viewer: String) -> [String] {
        list(for: viewer) {
            follows(viewer, $0)
        } rank: {
            [watched($0), -max($0.updatedAt, $0.seenAt)]
        }
    }

    func recommended(for viewer: String?) -> [String] {
        list(for: viewer) { host in
            host.id != viewer && (viewers[host.id] != nil || !follows(viewer, host))
        } rank: { host in
            let friends = follows.filter { $0.from == viewer }.map(\.to)
            let isKnown = friends.contains { follows.contains(Pair(from: $0, to: host.id)) }
            return [follows(viewer, host) ? 2 : isKnown ? 0 : 1, watched(host), Int64(-followerCount(host.id))]
        }
    }

    private func follows(_ viewer: String?, _ host: Host) -> Bool {
        viewer.map { follows.contains(Pair(from: $0, to: host.id)) } ?? false
    }

    private func watched(_ host: Host) -> Int64 { Int64(-((viewers[host.id] ?? -1) + 1)) }

    private func list(
        for viewer: String?, where isWanted: (Host) -> Bool, rank: (Host) -> [Int64]
    ) -> [String] {
        hosts.filter { host in
            isWanted(host) && !(viewer.map { isBlockedEitherWay($0, host.id) } ?? false)
        }.map {
            (rank($0), $0.id)
        }.sorted { one, other in
            one.0 == other.0 ? one.1 < other.1 : one.0.lexicographicallyPrecedes(other.0)
        }.map(\.1)
    }
}
