import Signal

/// A webhook delivery as the log holds it.
struct LoggedDelivery: Sendable, Hashable {
    /// Its place in the log; later ones are higher.
    var number: Int64
    var delivery: WebhookDelivery
}

extension LoggedDelivery {
    static let columns =
        "number, event_id, receiver, event, body, state, attempts, last_outcome, created_at, queued_at, updated_at"

    /// - Throws: when the row was not read with `columns`.
    init(_ row: SQLRow) throws(SQLError) {
        number = try row.int("number")
        delivery = WebhookDelivery(
            eventID: try row.text("event_id"), event: try row.text("event"), receiver: try row.text("receiver"),
            body: Array(try row.text("body").utf8), createdAt: try row.int("created_at"))
        guard let state = WebhookDelivery.State(rawValue: try row.text("state")) else { throw .column("state") }
        delivery.state = state
        delivery.attempts = Int(try row.int("attempts"))
        delivery.lastOutcome = try row.optionalText("last_outcome")
        delivery.queuedAt = try row.int("queued_at")
        delivery.updatedAt = try row.int("updated_at")
    }
}
