extension SCTPSender {
    /// Puts into a packet what may be sent now: FORWARD TSN, retransmissions, then new data.
    mutating func fill(_ packet: inout SCTPPacketAssembly, now: Instant) {
        if forwardTSNIsDue {
            // Otherwise in a packet of its own.
            guard packet.room >= 64 else { return }
            _ = packet.append(.forwardTSN(forwardTSN(room: packet.room)))
            forwardTSNIsDue = false
            deadline = deadline ?? now + timeout.current
        }
        retransmit(into: &packet, now: now)
        guard lostCount == 0 else { return }
        // A chunk is padded to four bytes.
        while flight < window.size,
            let data = nextFragment(room: packet.room & ~3 - SCTPData.headerSize, now: now)
        {
            _ = packet.append(.data(data))
            deadline = deadline ?? now + timeout.current
        }
        // Messages may have expired on the way.
        updateSkipPoint()
    }

    private mutating func retransmit(into packet: inout SCTPPacketAssembly, now: Instant) {
        guard lostCount > 0 else { return }
        var index = 0
        var hasSent = false
        while lostCount > 0, index < outstanding.count {
            defer { index += 1 }
            guard outstanding[index].fate == .lost else { continue }
            if hasGivenUp(outstanding[index], now: now) {
                abandon(at: index)
                continue
            }
            guard flight < window.size || fastRetransmitIsDue,
                packet.append(.data(outstanding[index].data))
            else { break }
            outstanding[index].fate = .inFlight
            outstanding[index].transmissions += 1
            lostCount -= 1
            flight += outstanding[index].size
            retransmittedChunks += 1
            hasSent = true
            // RFC 9260 §6.3.2: the timer starts over when the earliest chunk is sent again.
            deadline = index == 0 ? now + timeout.current : deadline ?? now + timeout.current
        }
        if hasSent || lostCount == 0 { fastRetransmitIsDue = false }
    }

    /// T3-rtx expired (RFC 9260 §6.3.3): everything in flight is taken for lost.
    mutating func timeOut(now: Instant) {
        deadline = nil
        probe = nil
        failures += 1
        timeout.backOff()
        window.timeOut()
        for index in 0..<outstanding.count where outstanding[index].fate == .inFlight {
            markLost(at: index)
            outstanding[index].misses = 0
            outstanding[index].wasFastRetransmitted = false
        }
        giveUpOnLost(now: now)
        forwardTSNIsDue = skipPoint > cumulative
    }

    mutating func markLost(at index: Int) {
        if outstanding[index].fate == .inFlight { flight -= outstanding[index].size }
        if outstanding[index].fate == .acknowledged { acknowledgedCount -= 1 }
        outstanding[index].fate = .lost
        lostCount += 1
        if let probe, probe.tsn == cumulative + 1 + Int64(index) { self.probe = nil }
    }

    // MARK: Partial reliability

    private func hasGivenUp(_ chunk: Chunk, now: Instant) -> Bool {
        guard peerCanSkip else { return false }
        return switch chunk.reliability {
        case .reliable: false
        case .maxRetransmits(let limit): chunk.transmissions > limit
        case .maxLifetime: chunk.expiry.map { now >= $0 } ?? false
        }
    }

    mutating func giveUpOnLost(now: Instant) {
        var index = 0
        while lostCount > 0, index < outstanding.count {
            if outstanding[index].fate == .lost, hasGivenUp(outstanding[index], now: now) { abandon(at: index) }
            index += 1
        }
        updateSkipPoint()
    }

    /// Gives up on the message of a chunk, all fragments of it.
    private mutating func abandon(at index: Int) {
        let message = outstanding[index].message
        var first = index
        while first > 0, outstanding[first - 1].message == message { first -= 1 }
        var cursor = first
        var isWhole = false
        while cursor < outstanding.count, outstanding[cursor].message == message {
            switch outstanding[cursor].fate {
            case .inFlight: flight -= outstanding[cursor].size
            case .lost: lostCount -= 1
            case .acknowledged: acknowledgedCount -= 1
            case .abandoned: break
            }
            settle(outstanding[cursor])
            isWhole = isWhole || outstanding[cursor].data.ends
            outstanding[cursor].fate = .abandoned
            outstanding[cursor].data.payload = []
            cursor += 1
        }
        if let probe, probe.tsn > cumulative + Int64(first), probe.tsn <= cumulative + Int64(cursor) {
            self.probe = nil
        }
        if isWhole { abandonedMessages += 1 } else { abandonPartial() }
    }

    /// Gives up on the message being cut. If parts of it were sent, a last fragment that never is takes a TSN: the
    /// peer must not see the next message begin right behind a fragment that did not end one.
    mutating func abandonPartial() {
        guard let partial else { return }
        self.partial = nil
        abandonedMessages += 1
        guard partial.offset > 0 else {
            bufferedAmount -= partial.message.payload.count
            bufferedMessages -= 1
            return
        }
        let end = partial.message.payload.count
        var last = Chunk(
            data: partial.data(tsn: UInt32(truncatingIfNeeded: nextTSN), upTo: end), message: partial.id,
            reliability: partial.message.reliability, expiry: partial.message.expiry)
        nextTSN += 1
        settle(last)
        last.fate = .abandoned
        last.data.payload = []
        outstanding.append(last)
        // What was sent before may still be in flight when a lifetime ends.
        let index = outstanding.count - 1
        if index > 0, outstanding[index - 1].message == partial.id, outstanding[index - 1].fate != .abandoned {
            abandonedMessages -= 1
            abandon(at: index - 1)
        }
        updateSkipPoint()
    }

    /// Takes a chunk that is acknowledged or just given up on out of the amount buffered.
    mutating func settle(_ chunk: Chunk) {
        guard chunk.fate != .abandoned else { return }
        bufferedAmount -= chunk.size
        if chunk.data.ends { bufferedMessages -= 1 }
    }

    mutating func updateSkipPoint() {
        let before = skipPoint
        skipPoint = max(skipPoint, cumulative)
        while true {
            let index = Int(skipPoint - cumulative)
            guard index < outstanding.count, outstanding[index].fate == .abandoned else { break }
            skipPoint += 1
        }
        if skipPoint > before, skipPoint > cumulative { forwardTSNIsDue = true }
    }

    /// Up to the skip point, or as far as the ordered streams to name fit; the rest follows the next SACK.
    private func forwardTSN(room: Int) -> SCTPForwardTSN {
        var tsn = cumulative
        var skips: [UInt16: UInt16] = [:]
        while tsn < skipPoint {
            let data = outstanding[Int(tsn - cumulative)].data
            if !data.isUnordered {
                guard skips[data.stream] != nil || 8 + 4 * (skips.count + 1) <= room else { break }
                skips[data.stream] = data.sequence
            }
            tsn += 1
        }
        let list = skips.sorted { $0.key < $1.key }.map { SCTPForwardTSN.Skip(stream: $0.key, sequence: $0.value) }
        return SCTPForwardTSN(cumulativeTSN: UInt32(truncatingIfNeeded: tsn), skips: list)
    }
}
