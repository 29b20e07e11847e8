import Foundation

/// Users whom an outside identity provider vouches for: an account is made when one is first seen.
extension Accounts {
    func user(of person: ExternalPerson) async throws -> User {
        let id = person.externalID
        if let user = try await store.read({ try $0.user(externalID: id) }) { return user }
        // Another request may make the same user, or take the name, between our looking and our writing.
        for _ in 0..<8 {
            do {
                return try await store.write { [settings] connection in
                    if let user = try connection.user(externalID: id) { return user }
                    let username = try connection.freeUsername(for: person)
                    let user = User(
                        id: UUID().uuidString.lowercased(), username: username,
                        displayName: person.shownName ?? username, bio: "", imageURL: nil, role: .user,
                        creatorStatus: .none, createdAt: WallClock.now(), externalID: id)
                    return try connection.register(user, passwordHash: nil, firstIsAdmin: settings.firstUserIsAdmin)
                }
            } catch SQLError.notUnique {
                continue
            }
        }
        throw APIError.unavailable
    }
}

extension SQLConnection {
    /// The first of what they are called that is free as it stands, else with a number, else with random letters.
    fileprivate func freeUsername(for person: ExternalPerson) throws -> String {
        let names = person.names.isEmpty ? [""] : person.names
        for number in 1...20 {
            for name in names {
                let username = Username.made(from: name, number: number)
                if try user(username: username) == nil { return username }
            }
        }
        return Username.made(from: UUID().uuidString.lowercased().replacing("-", with: ""), number: 1)
    }
}

extension ExternalPerson {
    /// Their name as a display name may be; nil when nothing is left of it.
    fileprivate var shownName: String? {
        let field = Field(name: "displayName", kind: .text(1...64, lines: .one), about: "")
        let cut = String(String.UnicodeScalarView((displayName ?? "").trimmingWhiteSpace().unicodeScalars.prefix(64)))
        guard case .accepted(.string(let name)) = field.judge(.string(cut)) else { return nil }
        return name
    }
}
