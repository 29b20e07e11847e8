import NIOPosix
import Synchronization

/// Hashes and checks passwords on two threads of the process's own, so that a wave of sign-ins keeps neither an event
/// loop nor a core of the media threads busy. Who comes when too many wait is sent away.
final class Passwords: Sendable {
    /// At most this many at work or waiting: under two seconds of work.
    static let waitingLimit = 64

    /// Never shut down: the process has one.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    /// What an unknown user's password is compared with, so that it takes as long as a known one's.
    private static let nobody = PasswordHash(
        salt: Array(repeating: 0, count: PasswordHash.saltLength),
        key: Array(repeating: 0, count: PasswordHash.keyLength))

    private let limit: Int
    private let waiting = Atomic(0)
    private let spent = Atomic(0)

    init(limit: Int = Passwords.waitingLimit) {
        self.limit = limit
    }

    /// - Throws: `unavailable` when too many wait.
    func hash(_ password: String) async throws -> String {
        try await work { [self] in
            let hash = try PasswordHash(of: password)
            charge(hash)
            return hash.text
        }
    }

    /// - Parameter hash: nil for a user who is not there or has no password; the answer is then false, as late as ever.
    /// - Throws: `unavailable` when too many wait.
    func isRight(_ password: String, hash: String?) async throws -> Bool {
        try await work { [self] in
            let known = hash.flatMap(PasswordHash.init(parsing:))
            let compared = known ?? Self.nobody
            charge(compared)
            return try compared.matches(password) && known != nil
        }
    }

    /// Rounds of hashing that were done until now: what an answer took, whatever the machine.
    var rounds: Int { spent.load(ordering: .relaxed) }

    private func charge(_ hash: PasswordHash) { spent.wrappingAdd(hash.cost.rounds, ordering: .relaxed) }

    private func work<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let before = waiting.wrappingAdd(1, ordering: .relaxed).oldValue
        defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
        guard before < limit else { throw APIError.unavailable }
        return try await Self.threads.runIfActive(body)
    }
}
