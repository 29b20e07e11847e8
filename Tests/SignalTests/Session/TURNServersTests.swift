import Testing

@testable import Signal

@Suite struct TURNServersTests {
    @Test func `with a secret each client gets credentials that end by themselves`() throws {
        let turn = TURNServers(
            urls: ["stun:a", "turn:b", "turns:c:443"], access: .sharedSecret("north", lifetime: .seconds(3600)))
        let servers = turn.servers(for: "PA_1", at: 1_000_000)
        #expect(servers.map(\.urls) == [["stun:a"], ["turn:b", "turns:c:443"]])
        #expect(servers[0].username.isEmpty && servers[0].credential.isEmpty)
        #expect(servers[1].username == "1003600:PA_1")
        // printf 1003600:PA_1 | openssl dgst -sha1 -hmac north -binary | base64
        #expect(servers[1].credential == "ITwgAYNzd60EGRJ4q9ySrSf7+O4=")
        #expect(turn.servers(for: "PA_2", at: 1_000_000)[1].credential != servers[1].credential)
    }

    @Test func `a fixed name is the same for all`() {
        let turn = TURNServers(urls: ["turn:b"], access: .password(username: "u", credential: "c"))
        #expect(
            turn.servers(for: "PA_1", at: 0) == [TURNServers.Server(urls: ["turn:b"], username: "u", credential: "c")])
        #expect(turn.servers(for: "PA_1", at: 0) == turn.servers(for: "PA_2", at: 9))
    }

    @Test func `without servers clients are told of none`() {
        #expect(TURNServers().servers(for: "PA_1", at: 0).isEmpty)
    }

    @Test(arguments: [
        "stun:a.example.org", "stuns:a:5349", "turn:192.0.2.1:3478", "TURN:a", "turns:[2001:db8::1]:443?transport=tcp",
    ])
    func `URLs of servers are known`(url: String) { #expect(TURNServers.isURL(url)) }

    @Test(arguments: [
        "", "turn", "turn:", "turn://a", "http:a", "turn:a:0", "turn:a:70000", "turn:a?transport=sctp", "turn:a b",
        "stun:a?transport=udp", "turn:user@a", "turn:::1",
    ])
    func `what is no such URL is refused`(url: String) { #expect(!TURNServers.isURL(url)) }
}
