/// Judges messages of one host's chat: the person, the text, and the pace.
struct ChatGate {
    /// Identities whose pace is remembered; the longest silent are forgotten first.
    static let capacity = 4096

    var rules: ChatRules
    private var paces = RecentValues<String, ChatPace>(capacity: capacity)
    private var dataPaces = RecentValues<String, DataPace>(capacity: capacity)

    init(rules: ChatRules) {
        self.rules = rules
    }

    /// The text to keep, or why it is not said. The host is bound by nothing but what a text may be.
    ///
    /// - Parameters:
    ///   - timeout: when the identity's timeout ends, if it has one.
    ///   - now: both in milliseconds since 1970.
    mutating func judge(
        _ text: String, of identity: String, _ person: ChatPerson, timeout: Int64?, at now: Int64
    ) throws(ChatObjection) -> String {
        if let objection = rules.objection(to: person, timeout: timeout, at: now) { throw objection }
        let kept = try ChatText.judge(text)
        guard person != .host else { return kept }
        var pace = paces[identity] ?? ChatPace()
        let objection = pace.take(slowMode: rules.settings.slowModeSeconds, at: now)
        paces[identity] = pace
        if let objection { throw objection }
        return kept
    }

    /// Whether another packet of any kind may come from an identity that is not the host's.
    mutating func takePacket(of identity: String, at now: Int64) -> Bool {
        var pace = dataPaces[identity] ?? DataPace()
        defer { dataPaces[identity] = pace }
        return pace.take(at: now)
    }
}
