import Foundation
import NIOHTTP1
import Testing

@testable import GoLive

/// How those whom an outside identity provider vouches for become users.
@Suite struct ExternalUserTests {
    private func person(_ subject: String, _ names: String..., displayName: String? = nil) -> ExternalPerson {
        ExternalPerson(issuer: TestProvider.issuer, subject: subject, names: names, displayName: displayName)
    }

    @Test func `a bearer token of the provider is an account, the same each time`() async throws {
        let provider = try TestProvider()
        let keys = KeySetServer(try provider.keySetBytes())
        try await keys.run { url in
            try await withServer(configure: {
                $0.identityProvider = .init(keySet: url, issuer: TestProvider.issuer)
                $0.firstUserIsAdmin = false
            }) { server in
                let token = try await provider.token(.rs256) {
                    $0.preferredUsername = "ann"
                    $0.name = "Ann Lee"
                }
                let first = try await server.ask(.GET, "/api/auth/me", token: token)
                #expect(first.data["username"] == "ann" && first.data["displayName"] == "Ann Lee")
                #expect(first.data["externalUserId"] == "auth0|1" && first.data["role"] == "user")
                let later = try await server.ask(.GET, "/api/auth/me", token: try await provider.token(.es256))
                #expect(later.data == first.data)
                #expect(
                    try await server.ask(.GET, "/api/auth/me", token: try await TestProvider().token()).status == 401)
                // Sessions go on being good beside them.
                let own = try await server.person("bob")
                #expect(try await server.ask(.GET, "/api/auth/me", token: own.token).data["username"] == "bob")
                #expect(try await server.ask(.GET, "/api/auth/me", token: own.token).data["externalUserId"] == .null)
                #expect(keys.requests == 1)
            }
        }
    }

    @Test func `where there is no provider its tokens are nobody's`() async throws {
        let token = try await TestProvider().token()
        try await withServer { server in
            let answer = try await server.ask(.GET, "/api/auth/me", token: token)
            #expect(answer.status == 401)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `many first requests at once make one user`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let accounts = server.server.application.accounts
            let person = person("one", "ann")
            let users = try await withThrowingTaskGroup(of: User.self) { group in
                for _ in 0..<8 { group.addTask { try await accounts.user(of: person) } }
                return try await group.reduce(into: Set<User>()) { $0.insert($1) }
            }
            #expect(users.count == 1)
            #expect(try await server.store.read { try $0.users(limit: 10) }.count == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `people of one name at once get names of their own`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let accounts = server.server.application.accounts
            let users = try await withThrowingTaskGroup(of: User.self) { group in
                for number in 0..<4 {
                    let person = person("\(number)", "Ann Lee")
                    group.addTask { try await accounts.user(of: person) }
                }
                return try await group.reduce(into: [User]()) { $0.append($1) }
            }
            #expect(Set(users.map(\.username)) == ["Ann-Lee", "Ann-Lee-2", "Ann-Lee-3", "Ann-Lee-4"])
        }
    }

    @Test func `whatever they are called, they get a name that is allowed`() async throws {
        try await withServer { server in
            let accounts = server.server.application.accounts
            for (number, name) in ["admin", "", "日本", "a\u{0}b", String(repeating: "x", count: 500)].enumerated() {
                let shown = String(repeating: name, count: 40)
                let user = try await accounts.user(of: person("\(number)", name, displayName: shown))
                #expect(Username.fault(in: user.username) == nil)
                #expect((1...64).contains(user.displayName.unicodeScalars.count))
                #expect(!user.displayName.unicodeScalars.contains("\u{0}"))
            }
            let unnamed = try await accounts.user(of: person("no names"))
            #expect(Username.fault(in: unnamed.username) == nil && unnamed.displayName == unnamed.username)
        }
    }

    @Test func `an outside user has no password to guess`() async throws {
        try await withServer { server in
            let user = try await server.server.application.accounts.user(of: person("one", "ann"))
            #expect(try await server.login(user.username, password: "").status == 400)
            #expect(try await server.login(user.username, password: "anything").status == 401)
        }
    }
}
