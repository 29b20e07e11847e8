import Foundation
import Logging
import Relay
import Signal

/// The one judge of what is said in the application's rooms, and of who may say anything.
///
/// It keeps the rules, the timeouts and the standing of people for the hosts whose rooms are in use, filled from the
/// store; whoever changes one of these in the store says so here.
package actor ChatModerator {
    /// Hosts whose chat is kept in memory; the longest unused is read again when it is needed.
    static let hostLimit = 1024
    /// Milliseconds for which a room without a stream is believed to be a plain LiveKit room.
    static let strangerPatience: Int64 = 10_000

    let store: Store
    let relay: Relay
    let settings: ApplicationSettings
    let logger: Logger

    var hosts = RecentValues<String, HostChat>(capacity: hostLimit)
    /// Until when rooms are believed to be no host's.
    private var strangers = RecentValues<String, Int64>(capacity: 4096)
    /// Grows when the store's rules or timeouts may differ from what is being read.
    private var epoch = 0

    let alarms: AsyncStream<Void>
    let alarm: AsyncStream<Void>.Continuation
    /// When the next timeout's end is waited for; milliseconds since 1970.
    var alarmTime: Int64?

    init(store: Store, relay: Relay, settings: ApplicationSettings, logger: Logger) {
        self.store = store
        self.relay = relay
        self.settings = settings
        self.logger = logger
        (alarms, alarm) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether an identity may send data in the host's room now: what a token says when it is issued.
    ///
    /// - Parameter userID: of the account behind the identity, where there is one.
    func mayChat(_ identity: String, userID: String?, hostID: String) async throws -> Bool {
        guard let host = try await host(hostID) else { return false }
        let people = try await people([identity], of: host)
        return host.objection(to: identity, people[identity] ?? .guest, at: WallClock.now()) == nil
    }

    /// The host's chat rules changed: everyone's permission follows at once.
    func rulesChanged(_ rules: ChatSettings, hostID: String) async {
        epoch += 1
        strangers[hostID] = nil
        if let host = try? await host(hostID) {
            host.gate.rules.settings = rules
            host.generation += 1
        }
        await refreshPermissions(hostID: hostID)
    }

    /// Something changed that bears on one person's right to chat (a follow, a timeout).
    func rightsChanged(of identity: String, hostID: String) async {
        if let host = hosts[hostID] {
            host.people[identity] = nil
            host.generation += 1
        }
        await refreshPermissions(hostID: hostID, of: [identity])
    }

    // MARK: What is known

    /// The chat of a host; nil when the room is no host's.
    func host(_ hostID: String) async throws -> HostChat? {
        while true {
            if let host = hosts[hostID] { return host }
            guard Self.isUserID(hostID) else { return nil }
            let now = WallClock.now()
            if let until = strangers[hostID], now < until { return nil }
            let began = epoch
            let room = try await store.chatRoom(of: hostID, at: now)
            if let host = hosts[hostID] { return host }
            // What was read may have been changed since.
            guard began == epoch else { continue }
            guard let room else {
                strangers[hostID] = now + Self.strangerPatience
                return nil
            }
            let rules = ChatRules(settings: room.settings, guestsMayChat: settings.guestsMayChat)
            let host = HostChat(hostID: hostID, rules: rules, timeouts: room.timeouts)
            hosts[hostID] = host
            if !room.timeouts.isEmpty { alarm.yield() }
            return host
        }
    }

    /// What each of these identities is to the host.
    func people(_ identities: Set<String>, of host: HostChat) async throws -> [String: ChatPerson] {
        while true {
            var people: [String: ChatPerson] = [:]
            var unknown: [String] = []
            for identity in identities {
                if ChatPerson.isHost(identity, hostID: host.hostID) {
                    people[identity] = .host
                } else if !Self.isUserID(identity) {
                    people[identity] = .guest
                } else if let person = host.people[identity] {
                    people[identity] = person
                } else {
                    unknown.append(identity)
                }
            }
            if unknown.isEmpty { return people }
            let began = host.generation
            let users = try await store.chatUsers(unknown, hostID: host.hostID)
            guard began == host.generation else { continue }
            for identity in unknown {
                let person = users[identity] ?? .guest
                host.people[identity] = person
                people[identity] = person
            }
            return people
        }
    }

    /// Reads the timeouts anew, after they were changed in the store.
    func timeoutsChanged(hostID: String) async throws {
        epoch += 1
        var timeouts: [ChatTimeout]
        var began: Int
        repeat {
            began = epoch
            timeouts = try await store.chatTimeouts(hostID: hostID, at: WallClock.now())
        } while began != epoch
        guard let host = hosts[hostID] else { return }
        host.timeouts = Dictionary(timeouts.map { ($0.identity, $0.until) }) { $1 }
        host.generation += 1
        alarm.yield()
    }

    /// Ids of users, and so the names of their rooms, are UUIDs in lower case.
    private static func isUserID(_ text: String) -> Bool {
        text.utf8.count == 36 && UUID(uuidString: text)?.uuidString.lowercased() == text
    }
}
