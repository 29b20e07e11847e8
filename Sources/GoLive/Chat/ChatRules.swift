/// Somebody in a host's room, as far as the right to chat goes.
enum ChatPerson: Sendable, Hashable {
    /// The host, on the air or watching.
    case host
    case user(isFollowing: Bool, isBlocked: Bool)
    /// Everybody without an account here.
    case guest

    /// Whether an identity is the host's: `{hostID}`, or `Host-{hostID}` when they watch themself.
    static func isHost(_ identity: String, hostID: String) -> Bool {
        identity == hostID || identity == "Host-" + hostID
    }
}

/// Who may chat in a host's room.
struct ChatRules: Sendable, Hashable {
    var settings: ChatSettings
    /// The operator's word on guests; the host's is in `settings`.
    var guestsMayChat: Bool

    /// Why a person may not say anything now; nil when they may.
    ///
    /// - Parameters:
    ///   - timeout: when the person's timeout ends.
    ///   - now: both in milliseconds since 1970.
    func objection(to person: ChatPerson, timeout: Int64?, at now: Int64) -> ChatObjection? {
        if person == .host { return nil }
        if case .user(_, isBlocked: true) = person { return .blocked }
        if let timeout, timeout > now { return .timedOut(remaining: timeout - now) }
        guard settings.isEnabled else { return .chatDisabled }
        switch person {
        case .guest where !settings.isOpenToGuests || !guestsMayChat: return .guestsNotAllowed
        case .guest where settings.isFollowersOnly: return .followersOnly
        case .user(isFollowing: false, _) where settings.isFollowersOnly: return .followersOnly
        default: return nil
        }
    }
}
