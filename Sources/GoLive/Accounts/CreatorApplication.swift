/// Somebody's wish to create streams, and what became of it.
package struct CreatorApplication: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case pending, approved, rejected

        var creatorStatus: User.CreatorStatus {
            switch self {
            case .pending: .pending
            case .approved: .approved
            case .rejected: .rejected
            }
        }
    }

    var userID: String
    var reason: String
    var status: Status
    /// Milliseconds since 1970, as is `decidedAt`.
    var createdAt: Int64
    var decidedAt: Int64?
}

extension CreatorApplication {
    /// For statements whose `creator_applications` is called `a`.
    static let columns =
        "a.user_id, a.reason, a.status AS application_status, a.created_at AS applied_at, a.decided_at"

    init(_ row: SQLRow) throws(SQLError) {
        userID = try row.text("user_id")
        reason = try row.text("reason")
        guard let status = Status(rawValue: try row.text("application_status")) else { throw .column("status") }
        self.status = status
        createdAt = try row.int("applied_at")
        decidedAt = try row.optionalInt("decided_at")
    }
}

/// An application as its author sees it.
struct ApplicationData: Encodable, Sendable {
    var status: String
    var reason: String?
    var createdAt: String?
    var decidedAt: String?

    init(_ application: CreatorApplication) {
        status = application.status.rawValue
        reason = application.reason
        createdAt = WallClock.text(application.createdAt)
        decidedAt = application.decidedAt.map(WallClock.text)
    }

    /// Of somebody who was approved without applying.
    init(approved: Void) {
        status = CreatorApplication.Status.approved.rawValue
    }

    static let shape = Shape.object("CreatorApplication", fields)

    fileprivate static let fields: [(String, Shape)] = [
        ("status", .choice(CreatorApplication.Status.allCases.map(\.rawValue))), ("reason", .nullable(.string)),
        ("createdAt", .nullable(.time)), ("decidedAt", .nullable(.time)),
    ]
}

/// An application as administrators see it.
struct ReceivedApplicationData: Encodable, Sendable {
    var user: AccountData
    var status: String
    var reason: String
    var createdAt: String
    var decidedAt: String?

    init(_ application: CreatorApplication, by user: User) {
        self.user = AccountData(user)
        status = application.status.rawValue
        reason = application.reason
        createdAt = WallClock.text(application.createdAt)
        decidedAt = application.decidedAt.map(WallClock.text)
    }

    static let shape = Shape.object(
        "ReceivedApplication",
        [
            ("user", AccountData.shape), ("status", .choice(CreatorApplication.Status.allCases.map(\.rawValue))),
            ("reason", .string), ("createdAt", .time), ("decidedAt", .nullable(.time)),
        ])
}
