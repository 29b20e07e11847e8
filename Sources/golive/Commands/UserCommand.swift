import ArgumentParser
import Foundation
import GoLive
import Logging

/// `golive user …`: accounts from the command line, straight in the database, whether a server runs on it or not.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Make and change accounts.",
        subcommands: [Create.self, List.self, Approve.self, Promote.self, ResetPassword.self])

    /// Where the database is, from the same settings as the server's.
    struct Place: ParsableArguments {
        @Option(help: "A YAML file of settings.")
        var config: String?

        @Option(help: ArgumentHelp("sqlite:PATH or postgres://…", valueName: "url"))
        var database: String?

        @Option(help: ArgumentHelp("Where data is kept.", valueName: "folder"))
        var dataDir: String?

        /// - Throws: `SettingError`.
        func settings(_ environment: [String: String]) throws -> Settings {
            var arguments: [String] = []
            if let config { arguments.append("--config=\(config)") }
            if let database { arguments.append("--database=\(database)") }
            if let dataDir { arguments.append("--data-dir=\(dataDir)") }
            return try SettingsReader(arguments: arguments, environment: environment).read()
        }

        /// Opens the database for `body`, and says in one line what went wrong.
        func withAccounts(
            environment: [String: String] = ProcessInfo.processInfo.environment, _ body: (Accounts) async throws -> Void
        ) async throws {
            do {
                let settings = try settings(environment)
                try await Self.open(ApplicationSettings(settings), body)
            } catch let error as SettingError {
                throw StandardError.fail(error.description, status: error.exitStatus)
            } catch {
                throw StandardError.fail("\(error)", status: 1)
            }
        }

        private static func open(
            _ settings: ApplicationSettings, _ body: (Accounts) async throws -> Void
        ) async throws {
            let store = try await Store(address: settings.database)
            let logger = Logger(label: "golive") { _ in SwiftLogNoOpLogHandler() }
            do {
                try await body(Accounts(store: store, settings: settings, logger: logger))
            } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }
}

extension UserCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an account.")

        @Argument(help: "3 to 32 letters, digits, _ and -.")
        var username: String

        @Flag(help: "Read the password from standard input, without asking.")
        var passwordStdin = false

        @Option(help: "The name that others see.")
        var displayName: String?

        @Flag(help: "Make them an administrator.")
        var admin = false

        @Flag(help: "Let them create streams.")
        var creator = false

        @OptionGroup var place: Place

        func run() async throws {
            try await place.withAccounts { accounts in
                let password = try Passphrase.read(fromStandardInput: passwordStdin)
                let user = try await accounts.register(
                    username, password: password, displayName: displayName, role: admin ? .admin : .user,
                    creator: creator ? .approved : .none)
                print("\(user.username) \(user.id)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print accounts: name, role, whether they may create streams, and id, apart by tabs.")

        @OptionGroup var place: Place

        func run() async throws {
            try await place.withAccounts { accounts in
                for user in try await accounts.list() {
                    print(user.username, user.role.rawValue, user.creatorStatus.rawValue, user.id, separator: "\t")
                }
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let somebody create streams.")

        @Argument(help: "Of the account.")
        var username: String

        @OptionGroup var place: Place

        func run() async throws {
            try await place.withAccounts { try await $0.approve(username) }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make somebody an administrator.")

        @Argument(help: "Of the account.")
        var username: String

        @OptionGroup var place: Place

        func run() async throws {
            try await place.withAccounts { try await $0.promote(username) }
        }
    }

    struct ResetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give somebody a new password, and end all their sessions.")

        @Argument(help: "Of the account.")
        var username: String

        @Flag(help: "Read the password from standard input, without asking.")
        var passwordStdin = false

        @OptionGroup var place: Place

        func run() async throws {
            try await place.withAccounts { accounts in
                try await accounts.setPassword(try Passphrase.read(fromStandardInput: passwordStdin), of: username)
            }
        }
    }
}
