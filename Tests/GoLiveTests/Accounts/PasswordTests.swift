import Testing

@testable import GoLive

@Suite struct PasswordTests {
    @Test func `a hash knows its password and no other, and comes back from its text`() throws {
        let hash = try PasswordHash(of: "correct horse — battery")
        let read = try #require(PasswordHash(parsing: hash.text))
        #expect(read == hash)
        #expect(hash.text.hasPrefix("scrypt$16384$8$1$"))
        #expect(try read.matches("correct horse — battery"))
        #expect(try !read.matches("correct horse — batterz"))
        #expect(try !read.matches(""))
    }

    @Test func `two hashes of one password share nothing`() throws {
        let first = try PasswordHash(of: "same password")
        let second = try PasswordHash(of: "same password")
        #expect(first.salt.count == 16 && first.salt != second.salt && first.key != second.key)
    }

    /// RFC 7914 §12.
    @Test func `the key is scrypt's own`() throws {
        let text = "scrypt$16384$8$1$U29kaXVtQ2hsb3JpZGU=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI="
        let hash = try #require(PasswordHash(parsing: text))
        #expect(hash.salt == Array("SodiumChloride".utf8) && hash.text == text)
        let own = try #require(PasswordHash(parsing: try PasswordHash(of: "pleaseletmein").text))
        #expect(own.cost == PasswordHash.Cost(rounds: 16384, blockSize: 8, parallelism: 1))
        #expect(try hash.matches("pleaseletmein"))
    }

    @Test(arguments: [
        "", "scrypt", "scrypt$16384$8$1$AAAA", "bcrypt$16384$8$1$AAAA$AAAA", "scrypt$16383$8$1$AAAA$AAAA",
        "scrypt$99999999999$8$1$AAAA$AAAA", "scrypt$16384$0$1$AAAA$AAAA", "scrypt$16384$8$1$?$?",
        "scrypt$16384$8$1$AAAA$AAAA",
    ])
    func `what is no hash is refused`(text: String) {
        #expect(PasswordHash(parsing: text) == nil)
    }

    @Test func `nobody's password is never right, whatever it is`() async throws {
        let passwords = Passwords()
        #expect(try await !passwords.isRight("anything", hash: nil))
        #expect(try await !passwords.isRight("", hash: nil))
        #expect(try await !passwords.isRight("anything", hash: "not a hash"))
    }

    @Test(arguments: TestDatabase.allCases)
    func `an unknown name costs the server as much as a wrong password`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            _ = try await server.register("alice", password: "a good password")
            let passwords = server.server.application.accounts.passwords
            var costs: [Int] = []
            for (name, status) in [("alice", 401), ("nobody", 401), ("alice", 401), ("no body", 401)] {
                let before = passwords.rounds
                let answer = try await server.login(name, password: "another password")
                #expect(answer.status == status && answer.code == "invalid_credentials")
                costs.append(passwords.rounds - before)
            }
            #expect(Set(costs) == [PasswordHash.Cost().rounds])
        }
    }

    @Test func `more than may wait are sent away, and the others are served`() async throws {
        let passwords = Passwords(limit: 3)
        let served = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                group.addTask { (try? await passwords.isRight("x", hash: nil)) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(served >= 3 && served < 40)
        #expect(try await !passwords.isRight("x", hash: nil))
    }

    @Test(arguments: ["1234567", "PassWord", "iloveyou", "Alice-1990", String(repeating: "a", count: 129)])
    func `weak passwords are refused`(password: String) {
        #expect(PasswordRule.weakness(of: password, username: "alice-1990") != nil)
    }

    @Test(arguments: ["12345679", "å∫ç∂√", String(repeating: "a", count: 128), "correct horse"])
    func `other passwords are taken`(password: String) {
        #expect(PasswordRule.weakness(of: password, username: "alice-1990") == nil)
    }
}
