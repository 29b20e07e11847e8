import Relay
import Signal

/// What is to be done about one submission.
enum ChatRuling: Sendable, Hashable {
    case verdict(RoomVerdict)
    /// Deliver it, once this is in the store.
    case keep(ChatChange, HostChat.MessageKey?)
    /// The same message in another form: what is done with the first is done with it.
    case twin(HostChat.MessageKey)

    static func refuse(_ objection: ChatObjection) -> Self { .verdict(.refuse(objection.refusal)) }
}

/// Ruling on submissions, by what is known; nothing here waits.
extension HostChat {
    /// Rules on what has just come in.
    ///
    /// - Parameters:
    ///   - delay: for which a delayed chat holds messages.
    ///   - now: milliseconds since 1970.
    func rule(
        _ submission: RoomSubmission, by person: ChatPerson, delay: Duration, at now: Int64
    ) -> ChatRuling {
        let sender = submission.sender
        if person != .host, !gate.takePacket(of: sender.identity, at: now) { return .verdict(.drop) }
        let objection =
            objection(to: sender.identity, person, at: now)
            ?? (person == .host || sender.permission.canPublishData ? nil : .blocked)
        switch submission {
        case .data: return .verdict(objection == nil ? .deliver : .drop)
        case .chat(let chat) where chat.intent == .deletion:
            let author = person == .host ? nil : sender.identity
            if withdraw(chat.id, of: author) { return .verdict(.drop) }
            return .keep(.remove(id: chat.id, identity: author), nil)
        case .chat(let chat):
            return chat.intent == .edit
                ? rule(onEdit: chat, person, objection, delay, at: now)
                : rule(onMessage: chat, person, objection, delay, at: now)
        }
    }

    private func rule(
        onEdit chat: ChatSubmission, _ person: ChatPerson, _ objection: ChatObjection?, _ delay: Duration, at now: Int64
    ) -> ChatRuling {
        do throws(ChatObjection) {
            if let objection { throw objection }
            let identity = chat.sender.identity
            let text = try gate.judge(
                chat.text, of: identity, person, timeout: timeouts[identity], at: now)
            if let delay = wait(of: identity, person, delay) { return .verdict(.hold(delay)) }
            return .keep(.edit(id: chat.id, identity: identity, text: text), nil)
        } catch {
            return .refuse(error)
        }
    }

    private func rule(
        onMessage chat: ChatSubmission, _ person: ChatPerson, _ objection: ChatObjection?, _ delay: Duration,
        at now: Int64
    ) -> ChatRuling {
        let identity = chat.sender.identity
        let key = MessageKey(identity: identity, id: chat.id)
        if var known = told[key], known.outcome != .refused || !known.forms.contains(chat.form) {
            guard known.text == chat.text, known.forms.insert(chat.form).inserted else { return .refuse(.duplicate) }
            told[key] = known
            return .twin(key)
        }
        var news = Told(text: chat.text, forms: [chat.form], outcome: .refused)
        defer { told[key] = news }
        do throws(ChatObjection) {
            if let objection { throw objection }
            let text = try gate.judge(
                chat.text, of: identity, person, timeout: timeouts[identity], at: now)
            if let delay = wait(of: identity, person, delay) {
                guard held[chat.id] == nil else { throw .duplicate }
                guard held.count < Self.heldLimit else { throw .unavailable }
                held[chat.id] = key
                news.outcome = .held
                return .verdict(.hold(delay))
            }
            if chat.isPrivate {
                news.outcome = .delivered
                return .verdict(.deliver)
            }
            news.outcome = .pending
            return .keep(.add(chat.message(text, by: person, hostID: hostID, at: now)), key)
        } catch {
            return .refuse(error)
        }
    }

    /// Rules on a message that was held, when its time has come.
    func ruleAgain(on chat: ChatSubmission, by person: ChatPerson, at now: Int64) -> ChatRuling {
        let identity = chat.sender.identity
        let objection = objection(to: identity, person, at: now)
        let text = chat.text.trimmingWhiteSpace()
        if chat.intent == .edit {
            return objection.map { .refuse($0) } ?? .keep(.edit(id: chat.id, identity: identity, text: text), nil)
        }
        let key = MessageKey(identity: identity, id: chat.id)
        switch told[key]?.outcome {
        case .delivered: return .verdict(.deliver)
        case .refused: return .verdict(.drop)
        case .pending: return .twin(key)
        case .held, nil: break
        }
        if let objection {
            told[key]?.outcome = .refused
            return .refuse(objection)
        }
        if chat.isPrivate {
            told[key]?.outcome = .delivered
            return .verdict(.deliver)
        }
        told[key]?.outcome = .pending
        return .keep(.add(chat.message(text, by: person, hostID: hostID, at: now)), key)
    }

    /// For how long a message is held; nil when it is not. While something of a sender's is held, what they say next
    /// goes behind it.
    private func wait(of identity: String, _ person: ChatPerson, _ delay: Duration) -> Duration? {
        if person == .host { return nil }
        if gate.rules.settings.isDelayed { return delay }
        return held.values.contains { $0.identity == identity } ? .zero : nil
    }
}

extension ChatSubmission {
    /// As it is kept.
    fileprivate func message(_ text: String, by person: ChatPerson, hostID: String, at now: Int64) -> ChatMessage {
        let userID: String? =
            switch person {
            case .host: hostID
            case .user: sender.identity
            case .guest: nil
            }
        // Names come out of tokens, which others than this server may sign.
        var name = String(
            String.UnicodeScalarView(sender.name.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        if name.isEmpty { name = sender.identity }
        return ChatMessage(
            id: id, identity: sender.identity, userID: userID, name: name, text: text, sentAt: now)
    }
}
