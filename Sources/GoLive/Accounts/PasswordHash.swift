import Crypto
import CryptoExtras
import Foundation

/// A password as the database keeps it: `scrypt$N$r$p$salt$key`, salt and key in base64. The parameters stand with each
/// hash, so that later ones can be dearer (RFC 7914).
struct PasswordHash: Sendable, Equatable {
    /// What a guess costs: 128 · `rounds` · `blockSize` bytes of memory, 16 MiB here, and some 40 ms.
    struct Cost: Sendable, Equatable {
        /// N, a power of two.
        var rounds = 1 << 14
        /// r
        var blockSize = 8
        /// p
        var parallelism = 1
    }

    static let saltLength = 16
    static let keyLength = 32

    var cost = Cost()
    var salt: [UInt8]
    var key: [UInt8]
}

extension PasswordHash {
    /// Takes tens of milliseconds: not for an event loop.
    init(of password: String) throws {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.init(salt: salt, key: [])
        key = try derive(password)
    }

    /// - Returns: nil for what `text` did not make.
    init?(parsing text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard
            parts.count == 6, parts[0] == "scrypt", let rounds = Int(parts[1]), let blockSize = Int(parts[2]),
            let parallelism = Int(parts[3]), let salt = Data(base64Encoded: String(parts[4])),
            let key = Data(base64Encoded: String(parts[5])), key.count == Self.keyLength, !salt.isEmpty,
            (2...(1 << 20)).contains(rounds), rounds & (rounds - 1) == 0, (1...32).contains(blockSize),
            (1...16).contains(parallelism)
        else { return nil }
        let cost = Cost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
        self.init(cost: cost, salt: Array(salt), key: Array(key))
    }

    var text: String {
        let salt = Data(salt).base64EncodedString()
        let key = Data(key).base64EncodedString()
        return "scrypt$\(cost.rounds)$\(cost.blockSize)$\(cost.parallelism)$\(salt)$\(key)"
    }

    /// Takes as long as making one. The keys are compared in constant time.
    func matches(_ password: String) throws -> Bool {
        SymmetricKey(data: try derive(password)) == SymmetricKey(data: key)
    }

    private func derive(_ password: String) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: Self.keyLength, rounds: cost.rounds,
            blockSize: cost.blockSize, parallelism: cost.parallelism
        ).withUnsafeBytes { Array($0) }
    }
}
