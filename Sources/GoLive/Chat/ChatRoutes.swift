import HTTPTypes

extension Application {
    var chatRoutes: [Route] { [chatHistory, deleteChatMessage, setChatTimeout, chatTimeouts] }

    private var chatHistory: Route {
        Route(
            .get, "/api/chat/{username}/messages", "What was said in a host's chat, newest first.", access: .anyone,
            query: .paging, answer: .page(ChatMessageAnswer.shape), refusals: [.userNotFound, .invalidCursor]
        ) { call in
            let host = try await chatHost(call)
            if let user = call.user {
                let isBlocked = try await store.read { try $0.isBlocked(user.id, by: host.id) }
                if isBlocked { throw APIError.userNotFound }
            }
            let before = try call.cursor(keys: 1)?.integer(0)
            let found = try await store.chatMessages(hostID: host.id, before: before, limit: call.limit + 1)
            let items = found.map {
                ChatMessageAnswer($0.message, number: $0.number, username: $0.username, hostID: host.id)
            }
            return .data(Page(items, limit: call.limit) { Cursor("\($0.number)") })
        }
    }

    private var deleteChatMessage: Route {
        Route(
            .delete, "/api/chat/messages/{id}", "Deletes a message of one's own chat for everyone.", access: .user,
            rate: .changes, answer: .message, refusals: [.notHost, .messageNotFound]
        ) { call in
            let user = try call.signedIn()
            let id = try call.parameter("id")
            guard try await chat.delete(id, hostID: user.id) else {
                throw try await store.isChatMessage(id, ofOtherThan: user.id)
                    ? APIError.notHost : APIError.messageNotFound
            }
            return .message("Message deleted")
        }
    }

    private var setChatTimeout: Route {
        Route(
            .put, "/api/chat/{username}/timeouts/{identity}",
            "Keeps a participant from chatting for a while; 0 seconds lift it.", access: .user, rate: .changes,
            body: .json([.timeoutSeconds]), answer: ChatTimeoutAnswer.shape,
            refusals: [.notHost, .userNotFound, .cannotDoToYourself, .tooManyTimeouts]
        ) { call in
            let hostID = try await ownChat(call)
            let identity = try call.parameter("identity")
            guard !ChatPerson.isHost(identity, hostID: hostID) else { throw APIError.cannotDoToYourself }
            guard (1...256).contains(identity.utf8.count), !identity.utf8.contains(0) else { throw APIError.notFound }
            let until = try await chat.setTimeout(
                of: identity, hostID: hostID, seconds: call.integer("seconds") ?? 0)
            return .data(ChatTimeoutAnswer(identity: identity, until: until))
        }
    }

    private var chatTimeouts: Route {
        Route(
            .get, "/api/chat/{username}/timeouts", "Who may not chat for a while, the longest first.", access: .user,
            query: .paging, answer: .page(ChatTimeoutAnswer.shape),
            refusals: [.notHost, .userNotFound, .invalidCursor]
        ) { call in
            let hostID = try await ownChat(call)
            let cursor = try call.cursor(keys: 2)
            let (until, identity) = (try cursor?.integer(0) ?? .max, cursor?.keys[1] ?? "")
            let all = try await store.chatTimeouts(hostID: hostID, at: WallClock.now())
            let rest = all.filter { ($0.until, identity) < (until, $0.identity) }
            let items = rest.prefix(call.limit)
            let next = rest.count > items.count ? items.last.map { Cursor("\($0.until)", $0.identity).text } : nil
            return .data(Page(items: items.map(ChatTimeoutAnswer.init), nextCursor: next))
        }
    }

    private func chatHost(_ call: Call) async throws -> User {
        guard let host = try await store.user(username: try call.parameter("username")) else {
            throw APIError.userNotFound
        }
        return host
    }

    /// The caller's id, when the chat in the path is theirs.
    private func ownChat(_ call: Call) async throws -> String {
        let host = try await chatHost(call)
        guard try call.signedIn().id == host.id else { throw APIError.notHost }
        return host.id
    }
}

extension APIError {
    static let notHost = APIError(.forbidden, "not_host", "Only the host of the chat may do this.")
    static let messageNotFound = APIError(.notFound, "message_not_found", "There is no such message.")
}

extension Field {
    fileprivate static let timeoutSeconds = Field(
        name: "seconds", kind: .integer(0...3600), isRequired: true,
        about: "0, 60, 300, 600 or 3600; 0 lifts the timeout."
    ) { value in
        guard case .integer(let seconds) = value, [0, 60, 300, 600, 3600].contains(seconds) else {
            return "must be 0, 60, 300, 600 or 3600"
        }
        return nil
    }
}
