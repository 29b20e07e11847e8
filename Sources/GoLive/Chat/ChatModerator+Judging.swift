import Logging
import Relay
import Signal

/// Judging what comes in over data channels.
extension ChatModerator {
    /// For the data router.
    nonisolated var roomJudge: RoomJudge {
        RoomJudge(
            governs: { await self.governs($0) },
            judge: { await self.judge($0, $1) },
            release: { await self.release($0, $1) })
    }

    /// A room that may be a host's is taken for one while the store cannot say.
    func governs(_ room: String) async -> Bool {
        do {
            return try await host(room) != nil
        } catch {
            logger.error("a room's rules could not be read", metadata: ["error": "\(error)"])
            return true
        }
    }

    func judge(_ room: String, _ submissions: [RoomSubmission]) async -> [RoomVerdict] {
        do {
            guard let host = try await host(room) else { return submissions.map { _ in .drop } }
            let people = try await people(Set(submissions.map(\.sender.identity)), of: host)
            let now = WallClock.now()
            let rulings = submissions.map {
                host.rule($0, by: people[$0.sender.identity] ?? .guest, delay: settings.chatDelay, at: now)
            }
            return await settle(rulings, in: host)
        } catch {
            logger.error("chat could not be judged", metadata: ["error": "\(error)"])
            return submissions.map { _ in .refuse(ChatObjection.unavailable.refusal) }
        }
    }

    /// What was held is judged by the rules of now, and not said when it was deleted meanwhile.
    func release(_ room: String, _ submissions: [ChatSubmission]) async -> [RoomVerdict] {
        do {
            guard let host = try await host(room) else { return submissions.map { _ in .drop } }
            let people = try await people(Set(submissions.map(\.sender.identity)), of: host)
            let now = WallClock.now()
            let rulings = submissions.map {
                host.ruleAgain(on: $0, by: people[$0.sender.identity] ?? .guest, at: now)
            }
            let verdicts = await settle(rulings, in: host)
            let withdrawn = await letGo(submissions, in: host)
            return zip(submissions, verdicts).map { withdrawn.contains($0.id) ? .drop : $1 }
        } catch {
            logger.error("held chat could not be judged", metadata: ["error": "\(error)"])
            return submissions.map { _ in .refuse(ChatObjection.unavailable.refusal) }
        }
    }

    // MARK: Keeping

    /// Puts what is to be kept into the store, all at once and before anyone sees it.
    private func settle(_ rulings: [ChatRuling], in host: HostChat) async -> [RoomVerdict] {
        var changes: [ChatChange] = []
        for case .keep(let change, _) in rulings { changes.append(change) }
        var made = await keep(changes, in: host)[...]
        var verdicts: [RoomVerdict] = []
        for ruling in rulings {
            switch ruling {
            case .verdict(let verdict): verdicts.append(verdict)
            case .keep(let change, let key):
                let verdict = await settle(change, made.popFirst() ?? .failed, in: host)
                // A message that could not be kept may be sent again.
                if let key { host.told[key] = verdict == .deliver ? host.told[key]?.delivered : nil }
                verdicts.append(verdict)
            case .twin(let key):
                switch host.told[key]?.outcome {
                case .delivered: verdicts.append(.deliver)
                case .held: verdicts.append(.hold(settings.chatDelay))
                case .refused, .pending, nil: verdicts.append(.drop)
                }
            }
        }
        return verdicts
    }

    private enum Keeping { case made, refused, failed }

    private func keep(_ changes: [ChatChange], in host: HostChat) async -> [Keeping] {
        guard !changes.isEmpty else { return [] }
        do {
            let made = try await store.apply(changes, hostID: host.hostID, at: WallClock.now())
            host.addedSincePruning += made.count
            if host.addedSincePruning > HostChat.pruneInterval {
                host.addedSincePruning = 0
                try await store.pruneChat(hostID: host.hostID)
            }
            return made.map { $0 ? .made : .refused }
        } catch {
            logger.error("chat could not be kept", metadata: ["error": "\(error)"])
            return changes.map { _ in .failed }
        }
    }

    private func settle(_ change: ChatChange, _ keeping: Keeping, in host: HostChat) async -> RoomVerdict {
        switch (keeping, change) {
        case (.made, .remove(let id, _)):
            await relay.tell(.deleted(id: id), room: host.hostID, to: .everyone)
            return .drop
        case (.made, _): return .deliver
        case (.refused, .add): return .refuse(ChatObjection.duplicate.refusal)
        case (.refused, _): return .refuse(ChatObjection.notYours.refusal)
        case (.failed, _): return .refuse(ChatObjection.unavailable.refusal)
        }
    }

    /// Messages that are held no more.
    ///
    /// - Returns: the ids of those that were deleted while they waited or were being kept.
    private func letGo(_ submissions: [ChatSubmission], in host: HostChat) async -> Set<String> {
        var withdrawn: Set<String> = []
        for chat in submissions where chat.intent == .message {
            let key = HostChat.MessageKey(identity: chat.sender.identity, id: chat.id)
            guard host.held[chat.id] == key else { continue }
            host.held[chat.id] = nil
            if host.withdrawn.remove(chat.id) != nil {
                withdrawn.insert(chat.id)
                host.told[key]?.outcome = .refused
            }
        }
        if !withdrawn.isEmpty { _ = await keep(withdrawn.map { .remove(id: $0, identity: nil) }, in: host) }
        return withdrawn
    }
}

extension HostChat.Told {
    fileprivate var delivered: Self {
        var told = self
        told.outcome = .delivered
        return told
    }
}
