/// Somebody with an account.
package struct User: Sendable, Hashable {
    package enum Role: String, Sendable, CaseIterable {
        case user, admin
    }

    /// Whether they may create streams.
    package enum CreatorStatus: String, Sendable, CaseIterable {
        case none, pending, approved, rejected
    }

    /// A UUID in lower case; the name of the room they stream in.
    package var id: String
    /// 3 to 32 of a–z, 0–9, `_` and `-`, as they wrote it; unique without regard to case.
    package var username: String
    package var displayName: String
    package var bio: String
    package var imageURL: String?
    package var role: Role
    package var creatorStatus: CreatorStatus
    /// Milliseconds since 1970.
    package var createdAt: Int64
    /// Issuer and subject, apart by `|`, of those whom an outside identity provider knows.
    package var externalID: String?
}

extension User {
    /// The columns that make a user, for statements whose `users` is called `u`.
    static let columns =
        "u.id, u.username, u.display_name, u.bio, u.image_url, u.role, u.creator_status, u.created_at AS user_created_at"
        + ", u.external_id"

    /// - Throws: when the row was not read with `columns`.
    init(_ row: SQLRow) throws(SQLError) {
        id = try row.text("id")
        username = try row.text("username")
        displayName = try row.text("display_name")
        bio = try row.text("bio")
        imageURL = try row.optionalText("image_url")
        guard
            let role = Role(rawValue: try row.text("role")),
            let status = CreatorStatus(rawValue: try row.text("creator_status"))
        else { throw .column("role") }
        self.role = role
        creatorStatus = status
        createdAt = try row.int("user_created_at")
        externalID = try row.optionalText("external_id")
    }
}
