import Logging
import Relay

/// Permissions follow rights, so that every client sees at once whether it may chat. They are for the clients' sake:
/// what is said is judged by the rules themselves.
extension ChatModerator {
    /// Permissions follow those who come in, whose rights may have changed since their token was signed, and come back
    /// when a timeout ends. Until the relay has no more events.
    func run(_ events: AsyncStream<RelayEvent>) async {
        await withTaskGroup { group in
            group.addTask { await self.keepTime() }
            for await event in events {
                guard case .participantJoined(let room, let participant) = event, !participant.permission.hidden
                else { continue }
                await refreshPermissions(hostID: room.name, of: [participant.identity])
            }
            group.cancelAll()
        }
    }

    /// Brings permissions in a host's room in line with rights.
    ///
    /// - Parameter identities: whose; nil: everyone's.
    func refreshPermissions(hostID: String, of identities: Set<String>? = nil) async {
        do {
            var began: Int
            var host: HostChat
            repeat {
                guard let known = try await self.host(hostID) else { return }
                host = known
                began = host.generation
                let present = try await present(identities, hostID: hostID)
                let people = try await people(present, of: host)
                let now = WallClock.now()
                var allowed: [String: Bool] = [:]
                for (identity, person) in people {
                    allowed[identity] = host.objection(to: identity, person, at: now) == nil
                }
                try await relay.permitData(allowed, in: hostID)
                // Whatever changed meanwhile has the last word.
            } while began != host.generation
        } catch is RelayError {
            // Nobody is there.
        } catch {
            logger.error("permissions could not follow the chat's rules", metadata: ["error": "\(error)"])
        }
    }

    private func present(_ identities: Set<String>?, hostID: String) async throws -> Set<String> {
        if let identities { return identities }
        return Set(try await relay.participants(in: hostID).map(\.identity))
    }

    // MARK: Ends of timeouts

    private func keepTime() async {
        await withDiscardingTaskGroup { timers in
            for await _ in alarms {
                await endTimeouts()
                guard let next = hosts.values.compactMap({ $0.timeouts.values.min() }).min() else { continue }
                if let alarmTime, alarmTime <= next { continue }
                alarmTime = next
                let wait = Duration.milliseconds(max(1, next - WallClock.now()))
                timers.addTask {
                    try? await Task.sleep(for: wait)
                    await self.ring(next)
                }
            }
            timers.cancelAll()
        }
    }

    private func ring(_ time: Int64) {
        if alarmTime == time { alarmTime = nil }
        alarm.yield()
    }

    private func endTimeouts() async {
        let now = WallClock.now()
        for host in hosts.values {
            let ended = host.timeouts.filter { $0.value <= now }
            guard !ended.isEmpty else { continue }
            for identity in ended.keys { host.timeouts[identity] = nil }
            host.generation += 1
            await refreshPermissions(hostID: host.hostID, of: Set(ended.keys))
        }
    }
}
