/// A setting that stops the start: which one, and why. Never repeats a secret.
struct SettingError: Error, Equatable, CustomStringConvertible {
    enum Origin: Equatable, Sendable {
        /// The command line: exit status 64 (EX_USAGE).
        case commandLine
        /// The environment or the file, or the settings taken together: exit status 78 (EX_CONFIG).
        case configuration
    }

    var origin: Origin
    /// As it was written: `--port`, `GOLIVE_PORT`, `port`.
    var name: String
    var reason: String

    init(_ origin: Origin, _ name: String, _ reason: String) {
        self.origin = origin
        self.name = name
        self.reason = reason
    }

    var description: String { "\(name): \(reason)" }

    var exitStatus: Int32 {
        switch origin {
        case .commandLine: 64
        case .configuration: 78
        }
    }
}
