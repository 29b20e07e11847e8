import Testing

@testable import GoLive

@Suite struct UsernameTests {
    @Test(arguments: ["abc", "A_1", "0-0", "alice", String(repeating: "x", count: 32), "Watcher"])
    func `a name of the right length and characters is taken`(name: String) {
        #expect(Username.fault(in: name) == nil)
    }

    @Test(arguments: [
        "", "ab", "_abc", "-abc", "a b", "älice", "a.b.c", "a/b", "abc\n", String(repeating: "x", count: 33), "аlice",
        "guest-1", "Guest-x",
    ])
    func `other names are not`(name: String) {
        #expect(Username.fault(in: name) != nil)
    }

    @Test(arguments: [
        "api", "u", "embed", "watch", "publish", "live", "login", "register", "admin", "settings", "dashboard",
        "browse", "search", "about", "rtc", "twirp", "healthz", "readyz", "version", "metrics", "dev", "assets",
        "static", "favicon", "robots", "golive", "index", "ADMIN", "Golive", "openapi",
    ])
    func `names that pages have are reserved in any case`(name: String) {
        #expect(Username.fault(in: name) != nil)
    }

    @Test(
        arguments: [
            "Ann Lee", "", "___", "ädmin", "admin", "guest-7", "日本語", "a", String(repeating: "long ", count: 30), "x@y",
            "-----", "a\u{0}b", "𝒶𝒷𝒸",
        ], [1, 2, 17])
    func `any text becomes a name that is allowed`(text: String, number: Int) {
        let name = Username.made(from: text, number: number)
        #expect(Username.fault(in: name) == nil, "\(name)")
        #expect(number == 1 || name.hasSuffix("-\(number)"))
    }

    @Test func `a good name is kept as it is`() {
        #expect(Username.made(from: "Ann_Lee", number: 1) == "Ann_Lee")
        #expect(Username.made(from: "Ann Lee", number: 2) == "Ann-Lee-2")
    }

    @Test func `nobody is called as a page is`() {
        for file in PageAssets.files.keys where file.hasSuffix(".html") {
            #expect(Username.fault(in: String(file.dropLast(".html".count))) != nil, "\(file)")
        }
    }
}
