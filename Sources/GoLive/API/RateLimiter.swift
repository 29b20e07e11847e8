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

    private let buckets = Mutex<[Key: Bucket]>([:])
    private let capacity: Int

    package init(capacity: Int = 100_000) {
        self.capacity = capacity
    }

    /// Takes one token; nil when there was one, else the whole seconds until there is.
    ///
    /// - Parameter now: seconds of any clock that only goes forward.
    package func take(_ rule: Rule, client: String, now: Double) -> Int? {
        buckets.withLock { buckets in
            let key = Key(rule: rule.name, client: client)
            var bucket = buckets[key] ?? Bucket(level: Double(rule.burst), at: now, rule: rule)
            if buckets[key] == nil, buckets.count >= capacity {
                buckets = buckets.filter { $0.value.level(at: now) < Double($0.value.rule.burst) }
                guard buckets.count < capacity else { return Int(rule.period.rounded(.up)) }
            }
            bucket.level = bucket.level(at: now)
            bucket.at = now
            defer { buckets[key] = bucket }
            guard bucket.level >= 1 else {
                return max(1, Int(((1 - bucket.level) * rule.period / Double(rule.burst)).rounded(.up)))
            }
            bucket.level -= 1
            return nil
        }
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
