/// One event on its way to one receiver, and how far it has come.
package struct WebhookDelivery: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        /// In the receiver's queue, or between two attempts.
        case waiting
        case delivered
        /// The receiver understood it and does not want it: a status from 400 to 499.
        case refused
        /// Nobody took it in time, or there was no room for it.
        case givenUp = "given_up"
    }

    /// `EV_…`: the same for all receivers and all attempts, so that a receiver knows what it has had already.
    package var eventID: String
    /// `room_started` and so on.
    package var event: String
    /// The URL; it may hold secrets.
    package var receiver: String
    /// The JSON that is posted.
    package var body: [UInt8]
    package var state = State.waiting
    package var attempts = 0
    /// Of the last attempt, such as `status 503`; or why there was none.
    package var lastOutcome: String?
    /// Milliseconds since 1970.
    package var createdAt: Int64
    /// When it was last put into its queue, in milliseconds since 1970: it is given up an hour after this.
    package var queuedAt: Int64
    /// Milliseconds since 1970.
    package var updatedAt: Int64

    package init(eventID: String, event: String, receiver: String, body: [UInt8], createdAt: Int64) {
        self.eventID = eventID
        self.event = event
        self.receiver = receiver
        self.body = body
        self.createdAt = createdAt
        queuedAt = createdAt
        updatedAt = createdAt
    }
}
