/// Where deliveries are kept, so that they can be looked at and survive a restart.
package struct WebhookLog: Sendable {
    /// Takes a delivery as it is now, new or changed. Returns at once, and later states of a delivery replace earlier ones.
    package var record: @Sendable (WebhookDelivery) -> Void
    /// What was waiting when the server ended, oldest first.
    ///
    /// - Parameter oldest: milliseconds since 1970; what was queued before is given up instead.
    package var pending: @Sendable (_ oldest: Int64) async -> [WebhookDelivery]

    package init(
        record: @escaping @Sendable (WebhookDelivery) -> Void,
        pending: @escaping @Sendable (_ oldest: Int64) async -> [WebhookDelivery]
    ) {
        self.record = record
        self.pending = pending
    }

    /// Keeps nothing.
    package static let none = WebhookLog(record: { _ in }, pending: { _ in [] })
}
