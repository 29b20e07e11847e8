import Media

/// The `_reliable` and `_lossy` data channels of one peer connection, with the limits on what a peer may send.
struct DataChannels {
    enum Received {
        case message(DataKind, [UInt8])
        /// Over the size or rate limit.
        case refused
    }

    private var association: SCTPAssociation
    private let opens: Bool
    private let limits: DataLimits
    private var channels: [DataKind: ChannelID] = [:]
    private var kinds: [ChannelID: DataKind] = [:]
    /// Messages that were sent before the channel was open.
    private var waiting: [(DataKind, [UInt8])] = []
    static let waitingCapacity = 64
    private var allowance: RateAllowance

    /// - Parameter opens: whether this side opens the channels (toward viewers) or the peer does (from publishers).
    init(opens: Bool, limits: DataLimits, now: Instant) {
        self.opens = opens
        self.limits = limits
        allowance = RateAllowance(limits, now: now)
        var random = SystemRandom()
        var configuration = SCTPConfiguration()
        configuration.maxMessageSize = limits.messageSize
        configuration.maxReceivedMessageSize = max(limits.messageSize, configuration.maxReceivedMessageSize)
        // Every WebRTC client sends INIT itself, so the server can wait.
        association = SCTPAssociation(
            role: .passive, usesEvenStreams: false, configuration: configuration, now: now, using: &random)
    }

    mutating func receive(_ packet: RawSpan, now: Instant) {
        association.receive(packet, now: now)
    }

    mutating func nextPacket(now: Instant) -> [UInt8]? {
        association.pollPacket(now: now)
    }

    var nextTimeout: Instant? { association.nextTimeout }

    mutating func advance(to now: Instant) {
        association.advance(to: now)
    }

    /// Asks the peer for a sign of life, once the association is up.
    mutating func probe(now: Instant) {
        association.probe(now: now)
    }

    mutating func nextMessage(now: Instant) -> Received? {
        while let event = association.pollEvent() {
            switch event {
            case .connected:
                if opens { open(now: now) }
            case .channelOpened(let id, let label, _, _, _):
                guard let kind = DataKind(label: label) else { continue }
                kinds[id] = kind
                if channels[kind] == nil { channels[kind] = id }
                sendWaiting(now: now)
            case .message(let id, let bytes, _):
                guard let kind = kinds[id] else { continue }
                guard bytes.count <= limits.messageSize, allowance.take(bytes.count, now: now) else { return .refused }
                return .message(kind, bytes)
            case .channelClosed(let id):
                if let kind = kinds.removeValue(forKey: id), channels[kind] == id { channels[kind] = nil }
            case .closed:
                channels = [:]
                kinds = [:]
            }
        }
        return nil
    }

    /// False when the message was dropped.
    mutating func send(_ message: [UInt8], kind: DataKind, now: Instant) -> Bool {
        guard let channel = channels[kind] else {
            guard kind == .reliable, waiting.count < Self.waitingCapacity else { return false }
            waiting.append((kind, message))
            return true
        }
        return (try? association.send(message, isText: false, on: channel, now: now)) != nil
    }

    private mutating func open(now: Instant) {
        let reliable = association.openChannel(
            label: DataKind.reliable.label, protocol: "", reliability: .reliable, ordered: true, now: now)
        let lossy = association.openChannel(
            label: DataKind.lossy.label, protocol: "", reliability: .maxRetransmits(0), ordered: false, now: now)
        for (kind, id) in [(DataKind.reliable, reliable), (.lossy, lossy)] {
            channels[kind] = id
            kinds[id] = kind
        }
        sendWaiting(now: now)
    }

    private mutating func sendWaiting(now: Instant) {
        let messages = waiting
        waiting = []
        for (kind, message) in messages { _ = send(message, kind: kind, now: now) }
    }
}

extension DataKind {
    fileprivate var label: String {
        switch self {
        case .reliable: "_reliable"
        case .lossy: "_lossy"
        }
    }

    fileprivate init?(label: String) {
        switch label {
        case Self.reliable.label: self = .reliable
        case Self.lossy.label: self = .lossy
        default: return nil
        }
    }
}
