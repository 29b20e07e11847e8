import Media

/// What is asked of the transports that live on this worker.
extension Worker {
    func carryOut(_ command: TransportCommand, on connection: Connection, now: Instant) {
        switch command {
        case .setRemote(let fingerprint):
            handle(connection.transport.setRemote(fingerprint: fingerprint, now: now, outbox: outbox), of: connection)
        case .publish(let track):
            connection.incoming.add(track, now: now)
            connection.hasten(now)
        case .unpublish(let track):
            for ssrc in connection.incoming.remove(track) { connection.transport.opener?.forget(ssrc: ssrc) }
        case .setMuted(let track, let isMuted):
            connection.incoming.setMuted(track, isMuted, now: now, on: connection.transport, outbox: outbox)
        case .subscribe(let track):
            subscribe(connection, to: track)
            connection.hasten(now)
        case .unsubscribe(let track): unsubscribe(connection, from: track)
        case .setWanted(let track, let wanted):
            connection.outgoing.setWanted(track, wanted)
            connection.hasten(now)
        case .requestKeyframe(let track, let layer, let isPatient):
            connection.incoming.requestKeyframe(
                track, layer: layer, isPatient: isPatient, now: now, on: connection.transport, outbox: outbox)
        case .captureKeyframe(let track, let patience, let asking, let reply):
            let layer = connection.incoming.captureKeyframe(track, within: patience, now: now, reply)
            if asking, let layer { carryOut(.requestKeyframe(track, layer: layer), on: connection, now: now) }
        case .sendData(let message, let kind):
            connection.transport.send(message, kind: kind, now: now, outbox: outbox)
        case .restart(let credentials, let keepsFormer):
            if let outdated = connection.restart(credentials, keepsFormer: keepsFormer) { byUfrag[outdated] = nil }
            byUfrag[credentials.ufrag] = connection
        case .limitBandwidth(let rate):
            connection.outgoing.limit(rate, on: connection.transport, now: now, outbox: outbox)
        case .watch(let isWatched): connection.watch(isWatched, now: now)
        case .close:
            connection.transport.close(outbox: outbox)
            forget(connection)
        }
    }

    private func subscribe(_ connection: Connection, to track: OutgoingTrack) {
        unsubscribe(connection, from: track.feed.track)
        let fanout = fanouts[track.feed.track] ?? Fanout(track.feed)
        fanouts[track.feed.track] = fanout
        track.feed.setReading(true, worker: index)
        fanout.add(connection.outgoing.add(track, from: fanout), transport: connection.transport)
    }

    func unsubscribe(_ connection: Connection, from track: TrackID) {
        guard let (feed, subscription) = connection.outgoing.remove(track), let fanout = fanouts[track] else { return }
        fanout.remove(subscription)
        let configuration = subscription.configuration
        for ssrc in [configuration.ssrc, configuration.rtx?.ssrc].compactMap(\.self) {
            connection.transport.sealer?.forget(ssrc: ssrc)
        }
        if fanout.viewers.isEmpty {
            fanouts[track] = nil
            feed.setReading(false, worker: index)
        }
    }
}
