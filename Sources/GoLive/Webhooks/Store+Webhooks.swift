import Signal

/// The log of webhook deliveries.
extension SQLConnection {
    /// Adds a delivery to the log, or brings its entry up to date.
    ///
    /// - Returns: whether it was added.
    @discardableResult
    func record(_ delivery: WebhookDelivery) throws -> Bool {
        // An upsert would use up a number at every update in PostgreSQL.
        let updated = try run(
            """
            UPDATE webhook_deliveries
            SET state = ?1, attempts = ?2, last_outcome = ?3, queued_at = ?4, updated_at = ?5
            WHERE event_id = ?6 AND receiver = ?7 RETURNING number
            """,
            [
                .text(delivery.state.rawValue), SQLValue(delivery.attempts), SQLValue(delivery.lastOutcome),
                .int(delivery.queuedAt), .int(delivery.updatedAt), .text(delivery.eventID), .text(delivery.receiver),
            ])
        guard updated.isEmpty else { return false }
        try run(
            """
            INSERT INTO webhook_deliveries (event_id, receiver, event, body, state, attempts, last_outcome, created_at,
                queued_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """,
            [
                .text(delivery.eventID), .text(delivery.receiver), .text(delivery.event),
                .text(String(decoding: delivery.body, as: UTF8.self)), .text(delivery.state.rawValue),
                SQLValue(delivery.attempts), SQLValue(delivery.lastOutcome), .int(delivery.createdAt),
                .int(delivery.queuedAt), .int(delivery.updatedAt),
            ])
        return true
    }

    /// Forgets all but the newest.
    func trimDeliveries(to count: Int) throws {
        try run(
            """
            DELETE FROM webhook_deliveries WHERE number <=
                (SELECT number FROM webhook_deliveries ORDER BY number DESC LIMIT 1 OFFSET ?1)
            """, [SQLValue(count)])
    }

    /// What waits, oldest first; what was queued before `oldest` is given up.
    ///
    /// - Parameters: milliseconds since 1970.
    func waitingDeliveries(since oldest: Int64, at now: Int64) throws -> [WebhookDelivery] {
        try run(
            """
            UPDATE webhook_deliveries SET state = 'given_up', last_outcome = 'the server was stopped', updated_at = ?1
            WHERE state = 'waiting' AND queued_at < ?2
            """, [.int(now), .int(oldest)])
        return try run(
            "SELECT \(LoggedDelivery.columns) FROM webhook_deliveries WHERE state = 'waiting' ORDER BY number"
        ).map { try LoggedDelivery($0).delivery }
    }

    /// - Returns: false when it waits already, or is not there (any more).
    func requeueDelivery(number: Int64, at now: Int64) throws -> Bool {
        try !run(
            """
            UPDATE webhook_deliveries SET state = 'waiting', queued_at = ?1, updated_at = ?1
            WHERE number = ?2 AND state <> 'waiting' RETURNING number
            """, [.int(now), .int(number)]
        ).isEmpty
    }

    func delivery(number: Int64) throws -> LoggedDelivery? {
        try run("SELECT \(LoggedDelivery.columns) FROM webhook_deliveries WHERE number = ?1", [.int(number)])
            .first.map(LoggedDelivery.init)
    }

    /// Newest first.
    ///
    /// - Parameters:
    ///   - state: nil: any.
    ///   - number: only those before it.
    func deliveries(
        in state: WebhookDelivery.State?, before number: Int64?, limit: Int
    ) throws -> [LoggedDelivery] {
        var conditions = ["number < ?1"]
        var values: [SQLValue] = [.int(number ?? .max), SQLValue(limit)]
        if let state {
            conditions.append("state = ?3")
            values.append(.text(state.rawValue))
        }
        return try run(
            """
            SELECT \(LoggedDelivery.columns) FROM webhook_deliveries
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY number DESC LIMIT ?2
            """, values
        ).map(LoggedDelivery.init)
    }
}
