/// The lists in which streams are found. In each, streams that are live come before others within a group, the most watched
/// first; and none shows a host whom the viewer blocked or who blocked the viewer.
enum StreamList: Sendable {
    /// Live now.
    case live
    /// Of those the viewer follows: live, then by when they were live or changed last.
    case following
    /// What those whom the viewer follows follow, then what is popular, then live ones the viewer follows anyway.
    case recommended
    /// What holds all words of the query; the one whose name it is first.
    case search(SearchQuery)
}

extension StreamList {
    /// Which streams `s` are in the list. `l` is their row among those that are live; `?2` is the viewer's id, `?8` the
    /// search expression.
    func condition(in dialect: SQLDialect) -> String {
        switch self {
        case .live: "l.user_id IS NOT NULL"
        case .following: Self.isFollowed
        case .recommended: "s.user_id <> ?2 AND (l.user_id IS NOT NULL OR NOT \(Self.isFollowed))"
        case .search:
            switch dialect {
            case .sqlite:
                """
                s.user_id IN (
                    SELECT d.user_id FROM search_words JOIN search d ON d.number = search_words.rowid
                    WHERE search_words MATCH ?8)
                """
            case .postgreSQL:
                """
                s.user_id IN (
                    SELECT user_id FROM search
                    WHERE array_to_tsvector(string_to_array(document, ' ')) @@ CAST(?8 AS tsquery))
                """
            }
        }
    }

    /// Three numbers by which the list is ordered, ascending; the host's id decides what they leave open. `?9` is the
    /// query in lower case.
    func ranks(in dialect: SQLDialect) -> [String] {
        switch self {
        case .live: [Self.watched, "0", "0"]
        case .following: [Self.watched, "-" + Self.latest(dialect), "0"]
        case .recommended:
            [
                """
                CASE WHEN \(Self.isFollowed) THEN 2
                    WHEN s.user_id IN (
                        SELECT theirs.host_id FROM follows mine
                        JOIN follows theirs ON theirs.follower_id = mine.host_id WHERE mine.follower_id = ?2) THEN 0
                    ELSE 1 END
                """, Self.watched, Self.followers,
            ]
        case .search:
            [
                Self.watched,
                "(SELECT CASE WHEN u.username_key = ?9 THEN 0 ELSE 1 END FROM users u WHERE u.id = s.user_id)",
                Self.followers,
            ]
        }
    }

    private static let isFollowed =
        "EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = ?2 AND f.host_id = s.user_id)"

    /// One that is live and that nobody watches still comes before those that are not.
    private static let watched = "-(COALESCE(l.viewers, -1) + 1)"

    private static let followers = "-(SELECT COUNT(*) FROM follows f WHERE f.host_id = s.user_id)"

    private static func latest(_ dialect: SQLDialect) -> String {
        """
        \(dialect == .sqlite ? "MAX" : "GREATEST")(s.updated_at, COALESCE(
            (SELECT MAX(COALESCE(v.ended_at, v.last_seen_at)) FROM live_sessions v WHERE v.user_id = s.user_id), 0))
        """
    }
}
