/// Finding streams.
extension Store {
    package func stream(of userID: String) async throws -> Stream? {
        try await read { try $0.stream(of: userID) }
    }
}

extension SQLConnection {
    func stream(of userID: String) throws -> Stream? {
        try run("SELECT \(Stream.columns) FROM streams s WHERE s.user_id = ?1", [.text(userID)]).first.map(Stream.init)
    }
}
