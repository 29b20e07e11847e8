import HTTPTypes
import Signal

/// A delivery as administrators see it.
private struct DeliveryAnswer: Encodable, Sendable {
    var number: Int64
    var eventId: String
    var event: String
    var receiver: String
    var state: String
    var attempts: Int
    var lastOutcome: String?
    var createdAt: String
    var updatedAt: String

    init(_ logged: LoggedDelivery) {
        let delivery = logged.delivery
        number = logged.number
        eventId = delivery.eventID
        event = delivery.event
        receiver = Webhooks.name(ofReceiver: delivery.receiver)
        state = delivery.state.rawValue
        attempts = delivery.attempts
        lastOutcome = delivery.lastOutcome
        createdAt = WallClock.text(delivery.createdAt)
        updatedAt = WallClock.text(delivery.updatedAt)
    }

    static let shape = Shape.object(
        "WebhookDelivery",
        [
            ("number", .integer), ("eventId", .string), ("event", .string), ("receiver", .string),
            ("state", .choice(states)), ("attempts", .integer), ("lastOutcome", .nullable(.string)),
            ("createdAt", .time), ("updatedAt", .time),
        ])

    static let states = WebhookDelivery.State.allCases.map(\.rawValue)
}

extension APIError {
    static let deliveryNotFound = APIError(.notFound, "delivery_not_found", "The log holds no delivery of this number.")
    static let receiverGone = APIError(
        .conflict, "receiver_gone", "The receiver of this delivery is not among the webhook addresses any more.")
}

extension Application {
    var webhookRoutes: [Route] {
        [
            Route(
                .get, "/api/admin/webhooks/deliveries", "What became of webhooks, newest first", access: .admin,
                query: [
                    Field(name: "state", kind: .choice(DeliveryAnswer.states), about: "Only deliveries in this state.")
                ] + .paging,
                answer: .page(DeliveryAnswer.shape), refusals: [.invalidCursor]
            ) { call in
                let before = try call.cursor(keys: 1)?.integer(0)
                let state = call.text("state").flatMap(WebhookDelivery.State.init)
                let limit = call.limit
                let found = try await store.read { try $0.deliveries(in: state, before: before, limit: limit + 1) }
                return .data(
                    Page(found.map(DeliveryAnswer.init), limit: limit) { item in Cursor(String(item.number)) })
            },
            Route(
                .post, "/api/admin/webhooks/deliveries/{number}/retry",
                "Deliver a webhook once more, or without waiting for its next attempt", access: .admin,
                answer: DeliveryAnswer.shape, refusals: [.deliveryNotFound, .receiverGone]
            ) { call in
                guard let number = Int64(try call.parameter("number")) else { throw APIError.deliveryNotFound }
                return .data(DeliveryAnswer(try await deliveries.retry(number, through: webhooks)))
            },
        ]
    }
}
