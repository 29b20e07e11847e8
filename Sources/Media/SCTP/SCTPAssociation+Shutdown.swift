/// Ending gracefully (RFC 9260 §9.2).
extension SCTPAssociation {
    /// Goes on once everything is acknowledged.
    mutating func advanceShutdown(now: Instant) {
        guard sender.isDrained else { return }
        switch state {
        case .shutdownPending:
            state = .shutdownSent
            queue(.shutdown(cumulativeTSN: receiver.cumulativeTSN))
        case .shutdownReceived:
            state = .shutdownAckSent
            queue(.shutdownAck)
        default: return
        }
        repeatLater(now: now)
    }

    mutating func receive(shutdown cumulativeTSN: UInt32, now: Instant) {
        sender.acknowledge(cumulativeTSN: cumulativeTSN, now: now)
        switch state {
        case .established, .shutdownPending: state = .shutdownReceived
        case .shutdownSent:
            state = .shutdownAckSent
            queue(.shutdownAck)
            repeatLater(now: now)
        default: break
        }
    }

    mutating func receiveShutdownAck() {
        switch state {
        case .shutdownSent, .shutdownAckSent:
            guard let peer else { return }
            send(.shutdownComplete(reflectsTag: false), tag: peer.tag)
            end(.shutdown)
        default: break
        }
    }
}
