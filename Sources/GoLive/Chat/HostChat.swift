import Signal

/// The chat of one host, as `ChatModerator` keeps it while people are there.
final class HostChat {
    /// One message, in whichever forms it is told.
    struct MessageKey: Sendable, Hashable {
        var identity: String
        var id: String
    }

    /// What became of a message that was told before.
    struct Told {
        enum Outcome {
            /// It is being kept.
            case pending
            case delivered, held, refused
        }

        var text: String
        var forms: Set<ChatSubmission.Form>
        var outcome: Outcome
    }

    /// People whose standing is remembered.
    static let peopleLimit = 4096
    /// Messages whose verdict is remembered, for those that are told twice.
    static let toldLimit = 1024
    /// Messages that wait for their time in a delayed chat.
    static let heldLimit = 1000
    /// Messages after which old ones are forgotten.
    static let pruneInterval = 500

    let hostID: String
    var gate: ChatGate
    /// When each identity's timeout ends, in milliseconds since 1970. The store limits how many there are.
    var timeouts: [String: Int64]
    /// What users are to the host; others are guests.
    var people = RecentValues<String, ChatPerson>(capacity: peopleLimit)
    var told = RecentValues<MessageKey, Told>(capacity: toldLimit)
    /// Messages that wait for their time; those in `withdrawn` were deleted meanwhile.
    var held: [String: MessageKey] = [:]
    var withdrawn: Set<String> = []
    /// Grows when something that was read from the store may no longer be true.
    var generation = 0
    var addedSincePruning = pruneInterval

    init(hostID: String, rules: ChatRules, timeouts: [String: Int64]) {
        self.hostID = hostID
        gate = ChatGate(rules: rules)
        self.timeouts = timeouts
    }

    /// Why somebody may not chat now.
    func objection(to identity: String, _ person: ChatPerson, at now: Int64) -> ChatObjection? {
        gate.rules.objection(to: person, timeout: timeouts[identity], at: now)
    }

    /// Takes a held message back; false when it is not held, or not by this identity (nil: by anyone).
    func withdraw(_ id: String, of identity: String? = nil) -> Bool {
        guard let key = held[id], identity == nil || key.identity == identity else { return false }
        withdrawn.insert(id)
        told[key]?.outcome = .refused
        return true
    }
}
