extension SCTPSender {
    /// Takes a SACK (RFC 9260 §6.2.1). Answers false when it acknowledges what was never sent.
    mutating func acknowledge(_ sack: SCTPSack, now: Instant) -> Bool {
        let acknowledged = unwrapped(sack.cumulativeTSN)
        guard acknowledged < nextTSN else { return false }
        // Overtaken by a later one.
        guard acknowledged >= cumulative else { return true }
        failures = 0
        let wasFull = flight + maxPayload > window.size
        let hasAdvanced = acknowledged > cumulative
        var (bytes, highest) = acknowledge(upTo: acknowledged, now: now)
        if !sack.gaps.isEmpty || acknowledgedCount > 0 {
            let ahead = acknowledge(sack.gaps, now: now)
            bytes += ahead.bytes
            highest = max(highest, ahead.highest)
        }
        if hasAdvanced { window.acknowledge(bytes, cumulative: cumulative, wasFull: wasFull) }
        countMisses(below: highest, inRecovery: window.isRecovering && hasAdvanced, sack)
        giveUpOnLost(now: now)
        peerWindow = max(0, Int(sack.window) - flight)
        if skipPoint > cumulative { forwardTSNIsDue = true }
        if flight == 0, lostCount == 0, skipPoint == cumulative {
            deadline = nil
        } else if hasAdvanced {
            deadline = now + timeout.current
        }
        return true
    }

    /// Takes the cumulative TSN of a SHUTDOWN, which has no more to say.
    mutating func acknowledge(cumulativeTSN: UInt32, now: Instant) {
        let acknowledged = unwrapped(cumulativeTSN)
        guard acknowledged > cumulative, acknowledged < nextTSN else { return }
        _ = acknowledge(upTo: acknowledged, now: now)
        updateSkipPoint()
        failures = 0
        deadline = flight == 0 && lostCount == 0 && skipPoint == cumulative ? nil : now + timeout.current
    }

    private func unwrapped(_ tsn: UInt32) -> Int64 {
        let reference = SerialNumber(UInt32(truncatingIfNeeded: cumulative))
        return cumulative + Int64(SerialNumber(tsn).distance(from: reference))
    }

    /// Answers the bytes newly acknowledged and the highest such TSN.
    private mutating func acknowledge(upTo tsn: Int64, now: Instant) -> (bytes: Int, highest: Int64) {
        var bytes = 0
        var highest = cumulative
        while cumulative < tsn, let chunk = outstanding.popFirst() {
            cumulative += 1
            settle(chunk)
            switch chunk.fate {
            case .inFlight:
                flight -= chunk.size
                bytes += chunk.size
                highest = cumulative
            case .lost:
                lostCount -= 1
                bytes += chunk.size
                highest = cumulative
            case .acknowledged: acknowledgedCount -= 1
            case .abandoned: break
            }
        }
        skipPoint = max(skipPoint, cumulative)
        measure(upTo: cumulative, now: now)
        return (bytes, highest)
    }

    private mutating func acknowledge(_ gaps: [SCTPSack.GapBlock], now: Instant) -> (bytes: Int, highest: Int64) {
        sackCount += 1
        for gap in gaps {
            let end = min(Int(gap.last), outstanding.count)
            // The one after the cumulative TSN is missing by definition.
            for index in min(max(Int(gap.first) - 1, 1), end)..<end { outstanding[index].reportedIn = sackCount }
        }
        var bytes = 0
        var highest = cumulative
        for index in 0..<outstanding.count {
            let isReported = outstanding[index].reportedIn == sackCount
            switch outstanding[index].fate {
            case .inFlight where isReported:
                flight -= outstanding[index].size
                fallthrough
            case .lost where isReported:
                if outstanding[index].fate == .lost { lostCount -= 1 }
                outstanding[index].fate = .acknowledged
                acknowledgedCount += 1
                bytes += outstanding[index].size
                highest = cumulative + 1 + Int64(index)
                if let probe, probe.tsn == highest { measure(upTo: highest, now: now) }
            case .acknowledged where !isReported:
                // The peer dropped it again (RFC 9260 §6.2.1 D iii).
                markLost(at: index)
            default: break
            }
        }
        return (bytes, highest)
    }

    private mutating func measure(upTo tsn: Int64, now: Instant) {
        guard let probe, probe.tsn <= tsn else { return }
        timeout.measure(now - probe.sent)
        self.probe = nil
    }

    /// RFC 9260 §7.2.4: a chunk that three SACKs passed over is sent again at once, but only once.
    private mutating func countMisses(below highest: Int64, inRecovery: Bool, _ sack: SCTPSack) {
        var limit = highest - cumulative - 1
        if inRecovery, let last = sack.gaps.map(\.last).max() { limit = max(limit, Int64(last) - 1) }
        guard limit > 0 else { return }
        var hasLost = false
        for index in 0..<min(Int(limit), outstanding.count) where outstanding[index].fate == .inFlight {
            outstanding[index].misses += 1
            guard outstanding[index].misses >= 3, !outstanding[index].wasFastRetransmitted else { continue }
            outstanding[index].wasFastRetransmitted = true
            markLost(at: index)
            hasLost = true
        }
        if hasLost, window.lose(highestSent: nextTSN - 1) { fastRetransmitIsDue = true }
    }
}
