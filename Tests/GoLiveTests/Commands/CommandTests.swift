import ArgumentParser
import Logging
import Testing

@testable import Signal
@testable import golive

@Suite struct CommandTests {
    @Test func `a token that the command makes allows what was said and nothing else`() async throws {
        let command = try TokenCommand.Create.parse([
            "--identity", "bob", "--room", "r", "--name", "Bob", "--subscribe", "--ttl", "5m", "--dev",
        ])
        let token = try await command.token(environment: [:])
        let grant = try await AccessTokens(keys: ["devkey": "secret"]).verify(token)
        #expect(grant.identity == "bob" && grant.room == "r" && grant.name == "Bob" && grant.roomJoin)
        #expect(grant.canSubscribe == true && grant.canPublish == false && grant.canPublishData == false)
        #expect(grant.expiresAt - (grant.issuedAt ?? 0) == 300)
    }

    @Test func `a token command without a key is refused`() async throws {
        let command = try TokenCommand.Create.parse(["--identity", "bob", "--room", "r"])
        await #expect(throws: SettingError.self) { try await command.token(environment: [:]) }
    }

    @Test(arguments: [("90s", 90), ("30m", 1800), ("6h", 21_600), ("7d", 604_800)])
    func `lengths of time are read`(text: String, seconds: Int64) {
        #expect(TokenLife(argument: text)?.seconds == seconds)
    }

    @Test(arguments: ["", "s", "5", "0s", "-1h", "1w", "99999999999999999999d", "9223372036854775807d"])
    func `what is no length of time is refused`(text: String) {
        #expect(TokenLife(argument: text) == nil)
    }

    @Test func `new keys are long, and in the form that settings take`() throws {
        var generator = SystemRandomNumberGenerator()
        let first = GenerateKeysCommand.pair(using: &generator)
        let second = GenerateKeysCommand.pair(using: &generator)
        #expect(first.name != second.name && first.secret != second.secret)
        #expect(first.secret.count == 43)
        let settings = try SettingsReader(arguments: ["--keys", first.name + ":" + first.secret], environment: [:])
            .read()
        #expect(settings.keys == [first.name: first.secret])
    }

    @Test func `log lines are one line each`() {
        let text = LineLogHandler.text("T", .info, "two\nlines", ["b": "x y", "a": "1", "c": "q\"\n"])
        #expect(text == #"T INFO two\nlines a=1 b="x y" c="q\"\n""#)
        let json = LineLogHandler.json("T", .error, "golive", "two\nlines", ["a": "1"])
        #expect(json == #"{"a":"1","level":"error","logger":"golive","message":"two\nlines","time":"T"}"#)
    }

    @Test func `the greeting is an address to open, and tells the development key`() {
        var settings = Settings()
        settings.dev = true
        #expect(
            Greeting(settings, port: 7880).line
                == "GoLive is listening: http://127.0.0.1:7880 (development: API key devkey, secret secret)")
        settings = Settings()
        settings.keys = ["a": "hunter2"]
        settings.tlsCertificate = "c"
        #expect(Greeting(settings, port: 1).line == "GoLive is listening: https://localhost:1")
    }
}
