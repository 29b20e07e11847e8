import Media

/// Starting viewers from cached keyframes, and sending to those who are behind.
extension OutgoingTracks {
    /// Lets a viewer who waits for a keyframe of `wanted` begin with one that is there; true when nothing needs to be
    /// asked of the publisher.
    func startFromCache(_ track: TrackID, wanting wanted: Int, now: Instant, outbox: Outbox) -> Bool {
        guard let entry = entries[track] else { return false }
        guard entry.subscription.currentLayer == nil else {
            // Whoever has seen nothing but the beginning is not thrown back by the same once more.
            let isBeginning = entry.began.map { now - $0 < CatchUp.beginning } ?? false
            let age = isBeginning ? CatchUp.maximumAge : CatchUp.maximumJump
            return start(track, entry, layer: wanted, within: age, now: now, outbox: outbox)
                || isKeyframeOnItsWay(entry, layer: wanted)
        }
        for layer in (0...wanted).reversed() where entry.subscription.mayBegin(with: layer) {
            if start(track, entry, layer: layer, within: CatchUp.maximumAge, now: now, outbox: outbox) {
                // What is better has to wait until the line is known.
                return layer == wanted || line.control.isTesting
            }
        }
        return isKeyframeOnItsWay(entry, layer: wanted)
    }

    /// A busy fan-out has still to come to a keyframe that is there.
    private func isKeyframeOnItsWay(_ entry: Entry, layer: Int) -> Bool {
        entry.feed.rings[layer].keyframeStart.map { $0.index >= entry.fanout.position(of: layer) } ?? false
    }

    /// The layer of a viewer whose line is too narrow to be live in time from what is cached, now and then: a fresh
    /// keyframe would end that. They have a picture meanwhile.
    func lateLayer(_ track: TrackID, now: Instant) -> Int? {
        guard line.rate != nil, let entry = entries[track], entry.subscription.isCatchingUp,
            entry.subscription.isAtTarget,
            let started = entry.started, now - started.at >= CatchUp.maximumDuration,
            entry.wished.map({ now - $0 >= LayerSelector.requestInterval }) ?? true
        else { return nil }
        entries[track]!.wished = now
        return entry.subscription.currentLayer
    }

    /// Serves a viewer who lost the picture from a keyframe it was not started from before; true when nothing needs to
    /// be asked of the publisher.
    func repairFromCache(_ track: TrackID, layer: Int, now: Instant, outbox: Outbox) -> Bool {
        guard let entry = entries[track] else { return false }
        // What it is being sent begins with a keyframe, if that has not had its time to arrive.
        if entry.subscription.isCatchingUp, let started = entry.started, now - started.at < CatchUp.maximumDuration {
            return true
        }
        return start(track, entry, layer: layer, within: CatchUp.maximumJump, now: now, outbox: outbox)
            || isKeyframeOnItsWay(entry, layer: layer)
    }

    private func start(
        _ track: TrackID, _ entry: Entry, layer: Int, within age: Duration, now: Instant, outbox: Outbox
    ) -> Bool {
        guard let start = CachedStart(entry.feed.rings[layer]),
            // One that the fan-out has still to read is on its way.
            start.keyframe.index < entry.fanout.position(of: layer),
            entry.started.map({ ($0.layer, $0.keyframe) != (layer, start.keyframe.index) }) ?? true,
            CatchUp.serves(start, within: age, line: line.pace, now: now)
        else { return false }
        entries[track]!.started = (layer, start.keyframe.index, now)
        entries[track]!.began = entry.began ?? now
        entry.subscription.start(from: start, layer: layer)
        let pace = CatchUp.pace(for: start, line: line.pace, now: now)
        if let known = line.pace {
            if pacer == nil { pacer = Pacer(rate: known, burst: Self.pacedBurst, now: now) }
            pacer!.limit(to: known)
        } else if line.control.isTesting {
            if pacer == nil { pacer = Pacer(rate: CatchUp.testingPace, burst: CatchUp.testingBurst, now: now) }
        } else {
            // That of the first look is too careful now.
            if pacer?.burst != CatchUp.burst {
                pacer = Pacer(rate: pace, burst: CatchUp.burst, opening: CatchUp.opening, now: now)
            }
            pacer!.rate = max(pacer!.rate, pace)
        }
        nextSend = now
        isUnsettled = true
        outbox.counters.cachedStarts &+= 1
        return true
    }

    /// Sends what the pacer allows to the tracks that are behind.
    func catchUp(to now: Instant, on transport: Transport, outbox: Outbox) {
        guard pacer != nil else { return }
        nextSend = nil
        if line.pace == nil, !line.control.isTesting, pacer!.burst == CatchUp.testingBurst {
            // The line was looked at, and carries what is wanted.
            pacer = Pacer(rate: CatchUp.minimumPace, burst: CatchUp.burst, opening: CatchUp.opening, now: now)
        }
        for (track, entry) in entries where entry.subscription.isBehind {
            if let layer = entry.subscription.currentLayer, !line.control.isTesting {
                let bitrate = entry.feed.rates[layer].load()[3]
                let pace = CatchUp.pace(pacer!.rate, following: bitrate, line: line.pace)
                if line.pace == nil { pacer!.rate = pace } else { pacer!.limit(to: pace) }
            }
            if send(entry, now: now, on: transport, outbox: outbox) { nextSend = pacer!.nextSend(after: now) }
            // A newer keyframe than the one it was started from had come.
            if let keyframe = entry.subscription.keyframeCaughtUpFrom, let started = entry.started,
                keyframe != started.keyframe
            {
                entries[track]!.started = (started.layer, keyframe, now)
            }
        }
        if nextSend == nil { pacer = nil }
    }

    /// True while it stays behind.
    private func send(_ entry: Entry, now: Instant, on transport: Transport, outbox: Outbox) -> Bool {
        while pacer!.budget(at: now) > 0 {
            guard let layer = entry.subscription.currentLayer else { return false }
            let ring = entry.feed.rings[layer]
            let position = entry.fanout.position(of: layer)
            guard let (info, rewrite) = entry.subscription.nextBehind(in: ring, before: position) else { return false }
            transport.send(rewrite, of: info, in: ring, arrival: nil, outbox: outbox)
            pacer!.spend(info.byteCount + CatchUp.packetOverhead)
            outbox.counters.replayedPackets &+= 1
        }
        return true
    }
}
