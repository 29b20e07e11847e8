import Hummingbird

/// A token for a room, and where to go with it, as the API gives it.
struct PassView: Encodable, Sendable {
    var token: String
    var identity: String
    var name: String
    var wsUrl: String

    init(_ pass: Viewers.Pass, wsUrl: String) {
        token = pass.token
        identity = pass.identity
        name = pass.name
        self.wsUrl = wsUrl
    }

    static let shape = Shape.object(
        "Pass", [("token", .string), ("identity", .string), ("name", .string), ("wsUrl", .string)])
}

extension Application {
    /// Where clients of this request open their signalling connection.
    func signallingURL(_ call: Call) -> String { settings.signallingURL(for: call.request, isSecure: isSecure) }
}
