import Foundation

/// A stream in a list, and where in the list it is.
struct FoundStream: Sendable, Hashable {
    /// The keys of a list's order: three ranks, then the host's id.
    struct Place: Sendable, Hashable {
        var ranks: [Int64]
        var hostID: String

        /// Before all others.
        static let start = Place(ranks: [.min, .min, .min], hostID: "")
    }

    var hosted: HostedStream
    var place: Place
}

extension SQLConnection {
    /// A part of a list of streams. Ranks are found for every candidate; what a card shows is read for the part only.
    ///
    /// - Parameters:
    ///   - viewerID: nil for those who are not signed in.
    ///   - viewers: how many watch each stream that is live, by host: that is known outside of the store.
    ///   - place: of the last one before the part.
    func streams(
        _ list: StreamList, for viewerID: String?, viewers: [String: Int], after place: FoundStream.Place, limit: Int
    ) throws -> [FoundStream] {
        let each = dialect == .sqlite ? "json_each(?1)" : "json_each_text(CAST(?1 AS json))"
        let ranks = list.ranks(in: dialect)
        var values: [SQLValue] = [
            .text(String(decoding: try JSONEncoder().encode(viewers), as: UTF8.self)), .text(viewerID ?? ""),
        ]
        values += place.ranks.map { .int($0) } + [.text(place.hostID), SQLValue(limit)]
        if case .search(let query) = list {
            values += [.text(query.expression(in: dialect)), .text(query.text.lowercased())]
        }
        return try run(
            """
            WITH live AS MATERIALIZED (
                SELECT key AS user_id, CAST(value AS BIGINT) AS viewers FROM \(each)
            ), ranked AS (
                SELECT s.user_id, \(ranks[0]) AS rank1, \(ranks[1]) AS rank2, \(ranks[2]) AS rank3
                FROM streams s LEFT JOIN live l ON l.user_id = s.user_id
                WHERE (\(list.condition(in: dialect)))
                    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.host_id = s.user_id AND b.blocked_id = ?2)
                    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.host_id = ?2 AND b.blocked_id = s.user_id)
            ), part AS (
                SELECT * FROM ranked
                WHERE (rank1, rank2, rank3, user_id) > (CAST(?3 AS BIGINT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), ?6)
                ORDER BY rank1, rank2, rank3, user_id LIMIT ?7
            )
            SELECT \(HostedStream.columns), part.rank1, part.rank2, part.rank3
            FROM part JOIN users u ON u.id = part.user_id JOIN streams s ON s.user_id = part.user_id
            ORDER BY part.rank1, part.rank2, part.rank3, part.user_id
            """, values
        ).map { row in
            let hosted = try HostedStream(row)
            let ranks = try ["rank1", "rank2", "rank3"].map { try row.int($0) }
            return FoundStream(hosted: hosted, place: FoundStream.Place(ranks: ranks, hostID: hosted.host.id))
        }
    }
}
