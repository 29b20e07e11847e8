import ArgumentParser
import Foundation
import NIOHTTP1
import Testing

@testable import GoLive
@testable import golive

/// Accounts from the command line. The program itself is run where its output matters.
@Suite struct UserCommandTests {
    /// What a run of the program left.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs the `golive` that was built beside the tests.
    private static func golive(_ arguments: [String], input: String = "") async throws -> Outcome {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = folder.appending(path: "golive")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GOLIVE_") }
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        let (ends, ended) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in ended.finish() }
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        for await _ in ends {}
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let errors = try stderr.fileHandleForReading.readToEnd() ?? Data()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }

    @Test(arguments: TestDatabase.allCases)
    func `accounts are made and changed while a server runs on the same database`(kind: TestDatabase) async throws {
        try await withFolder { folder in
            var settings = ApplicationSettings()
            settings.database = try await kind.address(in: folder)
            settings.limitsRequests = false
            let database = ["--database", settings.database]
            try await withServer(settings: settings) { server in
                let made = try await Self.golive(
                    ["user", "create", "Alice", "--password-stdin", "--display-name", "Alice L."] + database,
                    input: "a good password\n")
                #expect(made.status == 0 && made.output.hasPrefix("Alice ") && made.errors.isEmpty)
                let signedIn = try await server.login("alice", password: "a good password")
                let token = signedIn.data["token"].string
                #expect(signedIn.data["user"]["displayName"] == "Alice L.")
                #expect(signedIn.data["user"]["creatorStatus"] == "none")

                #expect(try await Self.golive(["user", "approve", "alice"] + database).status == 0)
                #expect(try await Self.golive(["user", "promote", "alice"] + database).status == 0)
                let me = try await server.ask(.GET, "/api/auth/me", token: token)
                #expect(me.data["role"] == "admin" && me.data["creatorStatus"] == "approved")

                let list = try await Self.golive(["user", "list"] + database)
                #expect(list.output == "Alice\tadmin\tapproved\t\(me.data["id"].string ?? "")\n")

                let reset = try await Self.golive(
                    ["user", "reset-password", "alice", "--password-stdin"] + database, input: "a better password\n")
                #expect(reset.status == 0)
                #expect(try await server.ask(.GET, "/api/auth/me", token: token).status == 401)
                #expect(try await server.login("alice", password: "a better password").status == 200)
            }
        }
    }

    @Test func `what goes wrong is said in one line, with a status that is not 0`() async throws {
        try await withFolder { folder in
            let database = ["--data-dir", folder.path]
            let cases: [([String], String, String)] = [
                (["create", "al", "--password-stdin"], "a good password\n", "username"),
                (["create", "alice", "--password-stdin"], "short\n", "password"),
                (["create", "alice", "--password-stdin"], "", "no password"),
                (["approve", "nobody"], "", "no user"), (["promote", "nobody"], "", "no user"),
                (["reset-password", "nobody", "--password-stdin"], "a good password\n", "no user"),
                (["list", "--database", "mysql://x:hunter2@y"], "", "--database"),
                (["list", "--config", "/no/such/file"], "", "cannot be read"),
            ]
            for (arguments, input, word) in cases {
                let outcome = try await Self.golive(["user"] + arguments + database, input: input)
                #expect(outcome.status != 0 && outcome.output.isEmpty, "\(arguments)")
                #expect(outcome.errors.hasPrefix("golive: ") && outcome.errors.contains(word), "\(outcome.errors)")
                #expect(outcome.errors.hasSuffix("\n") && outcome.errors.split(separator: "\n").count == 1)
                #expect(!outcome.errors.contains("hunter2"))
            }
        }
    }

    @Test func `the database is found as the server finds it`() throws {
        let folder = try UserCommand.Place.parse(["--data-dir", "/d"]).settings([:])
        #expect(folder.databaseAddress == "sqlite:/d/golive.db")
        let environment = try UserCommand.Place.parse([]).settings(["GOLIVE_DATABASE": "sqlite:/e.db"])
        #expect(environment.databaseAddress == "sqlite:/e.db")
        let flag = try UserCommand.Place.parse(["--database", "sqlite:/f.db"]).settings([
            "GOLIVE_DATABASE": "sqlite:/e.db"
        ])
        #expect(flag.databaseAddress == "sqlite:/f.db")
    }
}
