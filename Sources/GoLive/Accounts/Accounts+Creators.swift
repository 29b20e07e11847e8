import HTTPTypes

/// Who may create streams: applying, and deciding.
extension Accounts {
    /// - Throws: `already_pending`, `already_approved`. Whoever was rejected may apply again.
    func apply(_ userID: String, reason: String) async throws -> CreatorApplication {
        let isAutomatic = settings.approval == .automatic
        let now = WallClock.now()
        return try await store.write { connection in
            try connection.lockUser(userID)
            guard let user = try connection.user(id: userID) else { throw APIError.unauthenticated }
            if user.creatorStatus == .approved { throw APIError.alreadyApproved }
            if user.creatorStatus == .pending { throw APIError.alreadyPending }
            let application = CreatorApplication(
                userID: userID, reason: reason, status: isAutomatic ? .approved : .pending, createdAt: now,
                decidedAt: isAutomatic ? now : nil)
            try connection.put(application)
            return application
        }
    }

    /// - Throws: `application_not_found`.
    func decide(_ userID: String, _ status: CreatorApplication.Status, by admin: String) async throws
        -> (application: CreatorApplication, user: User)
    {
        let now = WallClock.now()
        return try await store.write { connection in
            try connection.lockUser(userID)
            guard var application = try connection.application(of: userID) else { throw APIError.applicationNotFound }
            application.status = status
            application.decidedAt = now
            try connection.put(application, decidedBy: admin)
            guard let user = try connection.user(id: userID) else { throw APIError.applicationNotFound }
            return (application, user)
        }
    }

    /// Lets somebody create streams, whether they applied or not.
    ///
    /// - Throws: `user_not_found`.
    package func approve(_ username: String) async throws {
        let now = WallClock.now()
        try await store.write { connection in
            guard let id = try connection.user(username: username)?.id else { throw APIError.userNotFound }
            try connection.lockUser(id)
            guard var application = try connection.application(of: id) else {
                return try connection.updateCreatorStatus(of: id, to: .approved)
            }
            application.status = .approved
            application.decidedAt = now
            try connection.put(application)
        }
    }

    /// Makes somebody an administrator.
    ///
    /// - Throws: `user_not_found`.
    package func promote(_ username: String) async throws {
        try await store.write { connection in
            guard let user = try connection.user(username: username) else { throw APIError.userNotFound }
            try connection.updateRole(of: user.id, to: .admin)
        }
    }
}

extension APIError {
    static let alreadyPending = APIError(.conflict, "already_pending", "Your application is waiting for a decision.")
    static let alreadyApproved = APIError(.conflict, "already_approved", "You may create streams already.")
    static let applicationNotFound = APIError(.notFound, "application_not_found", "There is no such application.")
}
