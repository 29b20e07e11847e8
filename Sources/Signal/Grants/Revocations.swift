/// Who was removed from which room, so that the token they hold, and any issued before, lets them in no more until a
/// newer one is issued.
///
/// A token's issue time is its `nbf` (or `iat`); times are whole seconds, so that one issued in the very second of the
/// removal counts as older. A token with neither time is known by its fingerprint, if it was used to come in.
/// Entries live as long as the longest-lived token seen, within bounds; both tables have a cap and forget the oldest.
package actor Revocations {
    /// Where an identity is barred.
    private struct Seat: Hashable {
        var room: String
        var identity: String
    }

    private struct Entry {
        /// Unix seconds.
        var revokedAt: Int64
        var fingerprint: String?
        /// Of the newest token whose time had to be put after the revocation.
        var reissuedAt: Int64?
    }

    /// Six hours, the life of tokens that LiveKit's SDKs make, to thirty days.
    static let shortestMemory: Int64 = 6 * 3600
    package static let longestMemory: Int64 = 30 * 86_400
    /// Entries in each table where nothing else is said.
    package static let standardCapacity = 65_536

    private let capacity: Int
    private var memory = shortestMemory
    private var revoked = BoundedTable<Seat, Entry>()
    private var undated = BoundedTable<Seat, String>()

    package init(capacity: Int = standardCapacity) {
        self.capacity = capacity
    }

    /// Whether the grant may still enter its room.
    package func admits(_ grant: Grant, at now: Int64) -> Bool {
        let seat = Seat(room: grant.room ?? "", identity: grant.identity)
        remember(grant, in: seat, at: now)
        guard let entry = revoked[seat], entry.revokedAt + memory > now else { return true }
        if let issuedAt = grant.issuedAt { return issuedAt > entry.revokedAt }
        return grant.fingerprint != entry.fingerprint
    }

    package func admits(_ grant: Grant) -> Bool { admits(grant, at: AccessTokens.now()) }

    /// Bars every token for this identity and room that was issued until now.
    package func revoke(_ identity: String, in room: String, at now: Int64) {
        let seat = Seat(room: room, identity: identity)
        let known = revoked[seat]
        let time = max(now, known?.revokedAt ?? now, known?.reissuedAt ?? now)
        revoked.insert(Entry(revokedAt: time, fingerprint: undated[seat]), for: seat, capacity: capacity)
    }

    /// The time that a token issued now is to bear so that it is let in: now, or the second after the last revocation,
    /// which a reader's leeway covers.
    package func issueTime(for identity: String, in room: String, at now: Int64) -> Int64 {
        let seat = Seat(room: room, identity: identity)
        guard var entry = revoked[seat], entry.revokedAt >= now else { return now }
        entry.reissuedAt = entry.revokedAt + 1
        revoked.insert(entry, for: seat, capacity: capacity)
        return entry.revokedAt + 1
    }

    package func issueTime(for identity: String, in room: String) -> Int64 {
        issueTime(for: identity, in: room, at: AccessTokens.now())
    }

    /// Bars every token issued until now, in one step with choosing the time of the one that takes their place: of two
    /// callers at once, only the second's token is good.
    ///
    /// - Returns: Unix seconds for the new token, or nil when that would be further ahead of the clock than a reader's
    ///   leeway: too many have asked in too short a time.
    package func supersede(_ identity: String, in room: String, at now: Int64) -> Int64? {
        let seat = Seat(room: room, identity: identity)
        if let newest = revoked[seat].map({ max($0.revokedAt, $0.reissuedAt ?? 0) }),
            newest + 1 > now + AccessTokens.leeway
        {
            return nil
        }
        revoke(identity, in: room, at: now)
        return issueTime(for: identity, in: room, at: now)
    }

    package func supersede(_ identity: String, in room: String) -> Int64? {
        supersede(identity, in: room, at: AccessTokens.now())
    }

    package func revoke(_ identity: String, in room: String) { revoke(identity, in: room, at: AccessTokens.now()) }

    private func remember(_ grant: Grant, in seat: Seat, at now: Int64) {
        let life = grant.expiresAt.subtractingReportingOverflow(grant.issuedAt ?? now).partialValue
        memory = min(max(memory, life), Self.longestMemory)
        if grant.issuedAt == nil, revoked[seat]?.fingerprint != grant.fingerprint {
            undated.insert(grant.fingerprint, for: seat, capacity: capacity)
        }
    }
}

/// A dictionary that forgets its oldest key when it is full.
private struct BoundedTable<Key: Hashable, Value> {
    private var values: [Key: (value: Value, number: UInt64)] = [:]
    /// Insertion order; pairs whose number is no longer the key's are stale.
    private var order: [(key: Key, number: UInt64)] = []
    private var next: UInt64 = 0

    subscript(key: Key) -> Value? { values[key]?.value }

    mutating func insert(_ value: Value, for key: Key, capacity: Int) {
        values[key] = (value, next)
        order.append((key, next))
        next += 1
        if order.count > 2 * capacity {
            order.removeAll { values[$0.key]?.number != $0.number }
            let excess = max(0, order.count - capacity)
            for old in order.prefix(excess) { values[old.key] = nil }
            order.removeFirst(excess)
        }
    }
}
