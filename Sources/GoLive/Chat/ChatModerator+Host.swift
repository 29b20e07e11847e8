import HTTPTypes
import Relay
import Signal

/// What a host does about messages and people.
extension ChatModerator {
    /// People whom one host can have timed out at a time.
    static let timeoutLimit = 1000

    /// Deletes a message for everyone, also one that is still held.
    ///
    /// - Returns: whether there was one.
    func delete(_ messageID: String, hostID: String) async throws -> Bool {
        let wasHeld = hosts[hostID]?.withdraw(messageID) ?? false
        let wasKept = try await store.deleteChatMessage(messageID, hostID: hostID, at: WallClock.now())
        guard wasHeld || wasKept else { return false }
        await relay.tell(.deleted(id: messageID), room: hostID, to: .everyone)
        return true
    }

    /// Keeps somebody from chatting for so many seconds; 0 lifts it.
    ///
    /// - Returns: when it ends, in milliseconds since 1970; nil when it was lifted.
    func setTimeout(of identity: String, hostID: String, seconds: Int64) async throws -> Int64? {
        let now = WallClock.now()
        let until = seconds > 0 ? now + seconds * 1000 : nil
        let isSet = try await store.setChatTimeout(
            identity, hostID: hostID, until: until, limit: Self.timeoutLimit, at: now)
        guard isSet else { throw APIError.tooManyTimeouts }
        try await timeoutsChanged(hostID: hostID)
        await refreshPermissions(hostID: hostID, of: [identity])
        return until
    }
}

extension APIError {
    static let tooManyTimeouts = APIError(
        .conflict, "too_many_timeouts", "Too many people are timed out; lift a timeout first.")
}
