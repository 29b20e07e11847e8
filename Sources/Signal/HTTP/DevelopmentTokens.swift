import Hummingbird

/// `GET /dev/token?room=…&publish=true`: a token for whoever asks, so that the pages work without a login while one
/// develops. Served under `--dev` only, where the API secret is no secret either.
struct DevelopmentTokens: Sendable {
    let tokens: AccessTokens
    /// Seconds.
    private static let lifetime = 6 * 3600

    func answer(_ request: Request) async -> Response {
        let query = request.uri.queryParameters
        let publishes = query["publish"] == "true"
        let room = query["room"].map(String.init) ?? "demo"
        guard (1...128).contains(room.utf8.count) else { return .text(.badRequest, "a room's name has 1 to 128 bytes") }
        let suffix = String(UInt32.random(in: 0..<1 << 24), radix: 36)
        let grant = Grant(
            identity: "\(publishes ? "creator" : "viewer")-\(suffix)", name: publishes ? "Creator" : "Viewer \(suffix)",
            room: room, roomJoin: true, canPublish: publishes, canSubscribe: true, canPublishData: true)
        guard let token = try? await tokens.issue(grant, ttl: .seconds(Self.lifetime)) else {
            return .text(.internalServerError, "no token could be made")
        }
        return .text(.ok, token, headers: [.cacheControl: "no-store"])
    }
}
