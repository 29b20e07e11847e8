import ArgumentParser
import Foundation
import Signal

/// `golive token create`: prints an access token and nothing else.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make access tokens.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Print a token that lets someone into a room.",
            discussion: "What is not stated is not allowed. The first API key in order signs it.")

        @Option(help: "Who the token is for.")
        var identity: String

        @Option(help: "The room it opens.")
        var room: String

        @Option(help: "The name that others see.")
        var name = ""

        @Flag(help: "Allow publishing camera, microphone and screen.")
        var publish = false

        @Flag(help: "Allow watching.")
        var subscribe = false

        @Flag(help: "Allow sending data messages.")
        var publishData = false

        @Option(help: "How long it is good for: 90s, 30m, 6h or 7d.")
        var ttl: TokenLife = TokenLife(seconds: 6 * 3600)

        @Flag(help: "Sign with the development key.")
        var dev = false

        @Option(help: "A YAML file of settings, for its keys.")
        var config: String?

        @Option(parsing: .upToNextOption, help: ArgumentHelp("API keys and their secrets.", valueName: "key:secret"))
        var keys: [String] = []

        func validate() throws {
            guard !identity.isEmpty else { throw ValidationError("identity must not be empty") }
            guard !room.isEmpty else { throw ValidationError("room must not be empty") }
        }

        func run() async throws {
            do {
                print(try await token())
            } catch let error as SettingError {
                throw StandardError.fail(error.description, status: error.exitStatus)
            }
        }

        func token(environment: [String: String] = ProcessInfo.processInfo.environment) async throws -> String {
            var arguments = dev ? ["--dev"] : []
            if let config { arguments += ["--config", config] }
            if !keys.isEmpty { arguments += ["--keys"] + keys }
            let settings = try SettingsReader(arguments: arguments, environment: environment).read()
            try settings.check()
            let grant = Grant(
                identity: identity, name: name, room: room, roomJoin: true, canPublish: publish,
                canSubscribe: subscribe, canPublishData: publishData)
            return try await AccessTokens(keys: settings.effectiveKeys).issue(grant, ttl: .seconds(ttl.seconds))
        }
    }
}

/// A length of time as people write it: a whole number and a unit.
struct TokenLife: ExpressibleByArgument, Equatable {
    var seconds: Int64

    init(seconds: Int64) { self.seconds = seconds }

    /// - Returns: `nil` for what is not a length of time between a second and ten years.
    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()) else {
            return nil
        }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, (1...(10 * 366 * 86_400)).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    var defaultValueDescription: String { "6h" }
}
