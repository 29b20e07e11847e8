/// What a client says in the URL of `/rtc` beside its token.
package struct SignalQuery: Sendable, Hashable {
    /// Subscribes to every track as it is published.
    package var autoSubscribe: Bool
    /// The client wants to go on as the participant that it was.
    package var reconnect: Bool
    /// Who that was (`sid`); empty when it does not say.
    package var participant: String
    /// JSON text from the first frame on (`format=json`); other clients get protobuf until they send text.
    package var text: Bool
    /// LiveKit's JavaScript SDK in Firefox, where a remote track does not keep its name: the stream has to carry it.
    package var losesTrackNames: Bool
    /// What the client is, for the log.
    package var sdk: String
    package var version: String
    package var protocolVersion: Int

    /// - Parameter value: a parameter of the URL, decoded.
    package init(_ value: (String) -> String?) {
        autoSubscribe = value("auto_subscribe").map(Self.isTrue) ?? true
        reconnect = value("reconnect").map(Self.isTrue) ?? false
        participant = String((value("sid") ?? "").prefix(64))
        text = value("format") == "json"
        losesTrackNames = value("sdk") == "js" && value("browser")?.lowercased() == "firefox"
        sdk = String((value("sdk") ?? "").prefix(32))
        version = String((value("version") ?? "").prefix(32))
        protocolVersion = value("protocol").flatMap { Int($0) } ?? 0
    }

    private static func isTrue(_ value: String) -> Bool { value == "1" || value == "true" }
}
