import Testing

@testable import golive

@Suite struct SettingsReaderTests {
    func read(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        var reader = SettingsReader(arguments: arguments, environment: environment)
        reader.readFile = { _ in
            struct Missing: Error {}
            guard let file else { throw Missing() }
            return file
        }
        if file != nil { reader.arguments += ["--config", "golive.yaml"] }
        return try reader.read()
    }

    func refusal(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws -> SettingError {
        try #require(throws: SettingError.self) {
            try read(arguments, environment: environment, file: file)
        }
    }

    @Test func `flags go before the environment, before the file, before the defaults`() throws {
        let file = "port: 1\nudp_port: 1\nworkers: 1\nwebhook:\n  urls: [http://file]"
        let environment = ["GOLIVE_PORT": "2", "GOLIVE_UDP_PORT": "2", "PORT": "9"]
        let settings = try read(["--port", "3"], environment: environment, file: file)
        #expect(settings.port == 3)
        #expect(settings.udpPort == 2)
        #expect(settings.workers == 1)
        #expect(settings.webhookURLs == ["http://file"])
        #expect(settings.tcpPort == Settings().tcpPort)
    }

    @Test func `no two settings share a flag or a variable`() {
        #expect(SettingTable.byFlag.count == SettingTable.all.count)
        #expect(SettingTable.byEnvironmentName.count == SettingTable.all.count)
        #expect(SettingTable.byFlag["--webhook-urls"]?.environmentName == "GOLIVE_WEBHOOK_URLS")
        #expect(SettingTable.byFlag["--webhook-urls"]?.name == "webhook.urls")
        #expect(SettingTable.all.allSatisfy { SettingTable.help.contains($0.flag) })
    }

    @Test(arguments: [
        ("dev", "true"), ("host", "127.0.0.1"), ("port", "1000"), ("udp_port", "1000"), ("tcp_port", "1000"),
        ("node_ip", "10.0.0.1"), ("data_dir", "somewhere"), ("tls.cert", "c.pem"), ("tls.key", "k.pem"),
        ("log.level", "debug"), ("log.format", "json"), ("keys", "k:s"), ("webhook.urls", "https://x"),
        ("workers", "3"), ("streams.grace", "2"), ("tcp", "false"), ("rtc.turn.urls", "turn:turn.example.org:3478"),
        ("rtc.turn.secret", "s"), ("rtc.turn.username", "u"), ("rtc.turn.credential", "c"), ("rtc.turn.ttl", "60"),
    ])
    func `a setting means the same in the file, the environment and on the command line`(
        name: String, text: String
    ) throws {
        let setting = try #require(SettingTable.byName[name])
        let yaml =
            name.split(separator: ".").enumerated()
            .map { String(repeating: "  ", count: $0) + $1 + ":" }.joined(separator: "\n") + " " + text
        let flag = try read([setting.flag + "=" + text])
        #expect(flag != Settings())
        #expect(try read(environment: [setting.environmentName: text]) == flag)
        #expect(try read(file: yaml) == flag)
    }

    @Test func `lists are repeated, follow one flag, or are apart by commas`() throws {
        let expected = ["a": "1", "b": "2", "c": "3:4"]
        #expect(try read(["--keys", "a:1", "--keys", "b:2", "--keys", "c:3:4"]).keys == expected)
        #expect(try read(["--keys", "a:1", "b:2", "c:3:4", "--dev"]).keys == expected)
        #expect(try read(environment: ["GOLIVE_KEYS": "a:1,b:2 c:3:4"]).keys == expected)
        #expect(try read(file: "keys:\n  a: 1\n  b: 2\n  c: \"3:4\"").keys == expected)
        #expect(try read(file: "keys: [\"a:1\", \"b:2\", \"c:3:4\"]").keys == expected)
    }

    @Test func `what is unknown is named`() throws {
        #expect(try refusal(["--prot", "1"]) == SettingError(.commandLine, "--prot", "there is no such flag"))
        let variable = try refusal(environment: ["GOLIVE_PROT": "1"])
        #expect(variable.name == "GOLIVE_PROT" && variable.exitStatus == 78)
        #expect(try refusal(file: "webhook:\n  url: http://x").name == "webhook.url")
        #expect(try refusal(file: "prot: 1").name == "prot")
        #expect(try refusal(["stray"]).exitStatus == 64)
    }

    @Test(arguments: [
        ("--port", "seven"), ("--port", "70000"), ("--port", "-1"), ("--host", "not a host"), ("--node-ip", "1.2.3"),
        ("--log-level", "loud"), ("--log-format", "xml"), ("--dev", "maybe"), ("--webhook-urls", "ftp://x"),
        ("--keys", "nocolon"), ("--keys", ":secret"), ("--workers", "1000"), ("--tls-cert", ""),
        ("--rtc-turn-urls", "https://turn.example.org"), ("--rtc-turn-urls", "turn:"), ("--rtc-turn-ttl", "0"),
        ("--rtc-turn-urls", "turn:host:70000"), ("--rtc-turn-urls", "turn:host?transport=sctp"),
    ])
    func `a bad value is refused by its name, wherever it stands`(flag: String, text: String) throws {
        let error = try refusal([flag + "=" + text])
        #expect(error.name == flag)
        #expect(error.exitStatus == 64)
        let setting = try #require(SettingTable.byFlag[flag])
        #expect(try refusal(environment: [setting.environmentName: text]).name == setting.environmentName)
    }

    @Test func `secrets are not repeated in a refusal`() throws {
        for error in [
            try refusal(["--keys", "hunter2"]), try refusal(["--keys", "a:hunter2,a:hunter2"]),
            try refusal(["hunter2"]), try refusal(environment: ["GOLIVE_KEYS": "hunter2"]),
            try refusal(["--webhook-urls", "hunter2"]), try refusal(["--rtc-turn-urls", "hunter2"]),
        ] { #expect(!error.description.contains("hunter2")) }
    }

    @Test func `a flag without its value, an unreadable file and bad YAML are refused`() throws {
        #expect(try refusal(["--port"]).reason == "needs a value")
        #expect(try refusal(["--port", "--dev"]).reason == "needs a value")
        #expect(try refusal(["--config", "nowhere.yaml"]).exitStatus == 64)
        #expect(try refusal(environment: ["GOLIVE_CONFIG": "nowhere.yaml"]).exitStatus == 78)
        #expect(try refusal(file: "a: [").exitStatus == 78)
        #expect(try refusal(file: "- port").exitStatus == 78)
        #expect(try refusal(file: "port: [1, 2]").name == "port")
        #expect(try read(file: "") == Settings())
    }

    @Test func `without --dev a key is needed, and the way to one is told`() throws {
        let error = try #require(throws: SettingError.self) { try read().check() }
        #expect(error.description.contains("golive generate-keys"))
        #expect(throws: Never.self) { try read(["--dev"]).check() }
        #expect(try read(["--dev"]).effectiveKeys == ["devkey": "secret"])
        #expect(try read(["--dev", "--keys", "a:b"]).effectiveKeys == ["a": "b"])
    }

    @Test func `development stays on the loopback address, production does not`() throws {
        #expect(try read(["--dev"]).bindAddress == "127.0.0.1")
        #expect(try read(["--dev", "--host", "10.0.0.1"]).bindAddress == "10.0.0.1")
        // All of IPv4, and of IPv6 where the machine has it.
        #expect(["::", "0.0.0.0"].contains(try read().bindAddress))
        #expect(try read(["--host", "0.0.0.0"]).bindAddress == "0.0.0.0")
        #expect(try read(["--host", "localhost"]).bindAddress == "127.0.0.1")
    }

    @Test func `certificate and key go together`() throws {
        #expect(throws: SettingError.self) { try read(["--dev", "--tls-cert", "c"]).check() }
        #expect(throws: SettingError.self) { try read(["--dev", "--tls-key", "k"]).check() }
    }

    @Test(arguments: [
        (["--rtc-turn-urls", "turn:t.example.org"], "rtc.turn.secret"),
        (["--rtc-turn-secret", "hunter2"], "rtc.turn.urls"),
        (["--rtc-turn-urls", "turns:t:443", "--rtc-turn-username", "u"], "rtc.turn.credential"),
        (["--rtc-turn-urls", "turns:t:443", "--rtc-turn-credential", "hunter2"], "rtc.turn.username"),
        (
            [
                "--rtc-turn-urls", "turn:t", "--rtc-turn-secret", "hunter2", "--rtc-turn-username", "u",
                "--rtc-turn-credential", "c",
            ], "rtc.turn.secret"
        ),
    ])
    func `what a TURN server needs is set as a whole`(arguments: [String], missing: String) throws {
        let error = try #require(throws: SettingError.self) { try read(["--dev"] + arguments).check() }
        #expect(error.name == missing)
        #expect(!error.description.contains("hunter2"))
    }

    @Test(arguments: [
        ["--rtc-turn-urls", "stun:stun.example.org"],
        ["--rtc-turn-urls", "turn:[2001:db8::1]:3478?transport=tcp", "turns:t.example.org", "--rtc-turn-secret", "s"],
        ["--rtc-turn-urls", "turn:t", "--rtc-turn-username", "u", "--rtc-turn-credential", "c"],
    ])
    func `STUN needs no credentials, TURN either kind`(arguments: [String]) throws {
        #expect(throws: Never.self) { try read(["--dev"] + arguments).check() }
    }
}
