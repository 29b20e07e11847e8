import HTTPTypes

/// Applying to create streams, and deciding on it.
extension Application {
    var creatorRoutes: [Route] {
        [
            apply, application, applications, decision("approve", "Approve", .approved),
            decision("reject", "Reject", .rejected),
        ]
    }

    private var apply: Route {
        Route(
            .post, "/api/creator/application", "Apply to create streams", access: .user, rate: .changes,
            body: .json([Field(name: "reason", kind: .text(0...1000, lines: .many), about: "For the administrator.")]),
            answer: ApplicationData.shape, refusals: [.alreadyPending, .alreadyApproved]
        ) { call in
            let userID = try call.signedIn().id
            return .data(ApplicationData(try await accounts.apply(userID, reason: call.text("reason") ?? "")))
        }
    }

    private var application: Route {
        Route(
            .get, "/api/creator/application", "What became of one's application", access: .user,
            answer: ApplicationData.shape, refusals: [.applicationNotFound]
        ) { call in
            let user = try call.signedIn()
            if let application = try await store.read({ try $0.application(of: user.id) }) {
                return .data(ApplicationData(application))
            }
            guard user.creatorStatus == .approved else { throw APIError.applicationNotFound }
            return .data(ApplicationData(approved: ()))
        }
    }

    private var applications: Route {
        Route(
            .get, "/api/admin/applications", "Applications, oldest first", access: .admin,
            query: [
                Field(
                    name: "status", kind: .choice(CreatorApplication.Status.allCases.map(\.rawValue)),
                    about: "Only those; all when not stated.")
            ] + .paging,
            answer: .page(ReceivedApplicationData.shape)
        ) { call in
            let status = call.text("status").flatMap(CreatorApplication.Status.init(rawValue:))
            let cursor = try call.cursor(keys: 2)
            let after = try cursor.map { (createdAt: try $0.integer(0), userID: $0.keys[1]) }
            let limit = call.limit
            let found = try await store.read {
                try $0.applications(status: status, after: after, limit: limit + 1).map { ($0.application, $0.user) }
            }
            let last = found.prefix(limit).last.map { Cursor("\($0.0.createdAt)", $0.0.userID) }
            let items = found.map { ReceivedApplicationData($0.0, by: $0.1) }
            return .data(Page(items, limit: limit) { _ in last ?? Cursor() })
        }
    }

    private func decision(_ name: String, _ verb: String, _ status: CreatorApplication.Status) -> Route {
        Route(
            .post, "/api/admin/applications/{userId}/\(name)", "\(verb) an application", access: .admin,
            rate: .changes, answer: ReceivedApplicationData.shape, refusals: [.applicationNotFound]
        ) { call in
            let decided = try await accounts.decide(
                try call.parameter("userId"), status, by: try call.signedIn().id)
            return .data(ReceivedApplicationData(decided.application, by: decided.user))
        }
    }
}
