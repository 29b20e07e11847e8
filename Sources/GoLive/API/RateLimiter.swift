import Glibc
import Synchronization

/// Token buckets by rule and by who asks. A table with a cap: when it is full, buckets that have filled up again are
/// forgotten, and if there are none, strangers wait.
package final class RateLimiter: Sendable {
    /// At most `burst` at once, and `burst` again after `period`.
    package struct Rule: Sendable, Hashable {
        package var name: String
        package var burst: Int
        /// Seconds.
        package var period: Double

        package init(_ name: String, _ burst: Int, per period: Double) {
            self.name = name
            self.burst = burst
            self.period = period
        }
    }

    private struct Key: Hashable {
        var rule: String
        var client: String
    }

    private struct Bucket {
        var level: Double
        /// Seconds of the clock.
        var at: Double
        var rule: Rule

        /// Tokens at this moment.
        func level(at now: Double) -> Double {
            min(Double(rule.burst), level + max(0, now - at) * Double(rule.burst) / rule.period)
        }
    }

    private struct Table {
        var buckets: [Key: Bucket] = [:]
        /// Seconds of the clock. A sweep looks at every bucket, so a flood of strangers must not cause one each.
        var sweptAt = -Double.infinity

        mutating func sweep(at now: Double) {
            guard now - sweptAt >= 1 else { return }
            sweptAt = now
            buckets = buckets.filter { $0.value.level(at: now) < Double($0.value.rule.burst) }
        }
    }

    private let table = Mutex(Table())
    private let capacity: Int

    package init(capacity: Int = 100_000) {
        self.capacity = capacity
    }

    /// How many buckets are kept now.
    var count: Int { table.withLock { $0.buckets.count } }

    /// Takes one token; nil when there was one, else the whole seconds until there is.
    ///
    /// - Parameter now: seconds of any clock that only goes forward.
    package func take(_ rule: Rule, client: String, now: Double) -> Int? {
        table.withLock { table in
            let key = Key(rule: rule.name, client: client)
            if table.buckets[key] == nil, table.buckets.count >= capacity {
                table.sweep(at: now)
                guard table.buckets.count < capacity else { return Int(rule.period.rounded(.up)) }
            }
            var bucket = table.buckets[key] ?? Bucket(level: Double(rule.burst), at: now, rule: rule)
            bucket.level = bucket.level(at: now)
            bucket.at = now
            defer { table.buckets[key] = bucket }
            guard bucket.level >= 1 else {
                return max(1, Int(((1 - bucket.level) * rule.period / Double(rule.burst)).rounded(.up)))
            }
            bucket.level -= 1
            return nil
        }
    }

    /// Who an address stands for: of IPv6 the first 64 bits, which one subscriber has to themself (RFC 6177); of IPv4
    /// written as IPv6 (RFC 4291 §2.5.5.2) the IPv4 address.
    package static func client(at address: String) -> String {
        var parsed = in6_addr()
        guard address.contains(":"), inet_pton(AF_INET6, String(address.prefix { $0 != "%" }), &parsed) == 1 else {
            return address
        }
        let bytes = withUnsafeBytes(of: parsed) { Array($0) }
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return bytes.suffix(4).map(String.init).joined(separator: ".")
        }
        let groups = stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }
}

extension RateLimiter.Rule {
    /// Passwords are guessed slowly: ten a minute from one address.
    static let login = Self("login", 10, per: 60)
    static let register = Self("register", 5, per: 60)
    /// Tokens that open rooms; a school or an office is one address.
    static let tokens = Self("tokens", 300, per: 60)
    /// Everything that writes.
    static let changes = Self("changes", 120, per: 60)
    static let search = Self("search", 60, per: 60)
    static let uploads = Self("uploads", 10, per: 60)
}
