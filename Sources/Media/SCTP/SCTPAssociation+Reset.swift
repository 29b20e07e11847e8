/// Resetting streams, which is closing channels.
extension SCTPAssociation {
    /// Asks for the reset of streams that are drained, when no request is under way.
    mutating func advanceResets(now: Instant) {
        guard isConnected, !reset.waiting.isEmpty, reset.outstanding == nil else { return }
        // As many as fit in a packet.
        let drained = reset.waiting.filter { sender.isDrained(stream: $0) }.sorted().prefix(200)
        guard !drained.isEmpty else { return }
        let parameter = reset.begin(
            Array(drained), lastTSN: UInt32(truncatingIfNeeded: sender.nextTSN - 1), now: now,
            timeout: sender.timeout.current)
        queue(.reconfigure([parameter]))
    }

    mutating func receive(reconfigure parameters: [SCTPParameter], now: Instant) {
        // RFC 6525 §3.1: two parameters at most.
        for parameter in parameters.prefix(2) {
            switch parameter.type {
            case SCTPParameter.outgoingReset:
                guard let request = try? SCTPStreamReset.Request(parsing: parameter.value) else { return }
                receive(request: request)
            case SCTPParameter.reconfigurationResponse:
                var reader = ByteReader(parameter.value.span.bytes)
                guard let sequence = try? reader.uint32(), let result = try? reader.uint32() else { return }
                guard let request = reset.finish(sequence: sequence, result: result) else { continue }
                for stream in request.streams { outgoingWasReset(stream) }
            case SCTPParameter.incomingReset, SCTPParameter.tsnReset, SCTPParameter.addOutgoingStreams,
                SCTPParameter.addIncomingStreams:
                var reader = ByteReader(parameter.value.span.bytes)
                guard let sequence = try? reader.uint32() else { return }
                answer(sequence, reset.receive(other: sequence, result: SCTPStreamReset.Result.denied))
            default: continue
            }
        }
        advanceResets(now: now)
    }

    private mutating func receive(request: SCTPStreamReset.Request) {
        let isComplete = receiver.unwrapped(request.lastTSN) <= receiver.cumulative
        switch reset.receive(request, isComplete: isComplete) {
        case .answer(let result): answer(request.sequence, result)
        case .perform(let request):
            answer(request.sequence, SCTPStreamReset.Result.performed)
            // What came before the reset belongs to the channel that closes with it.
            takeDelivered()
            perform(request)
        }
    }

    /// Performs the peer's request once the data before it is there.
    mutating func resumeDeferredReset() {
        guard let request = reset.deferred, receiver.unwrapped(request.lastTSN) <= receiver.cumulative,
            let request = reset.resume()
        else { return }
        answer(request.sequence, SCTPStreamReset.Result.performed)
        perform(request)
    }

    private mutating func perform(_ request: SCTPStreamReset.Request) {
        let streams =
            request.streams.isEmpty ? Set(receiver.knownStreams).union(channels.keys).sorted() : request.streams
        for stream in streams {
            receiver.resetSequence(stream: stream)
            incomingWasReset(stream)
        }
    }

    private mutating func answer(_ sequence: UInt32, _ result: UInt32) {
        var writer = ByteWriter()
        writer.write(sequence)
        writer.write(result)
        queue(.reconfigure([SCTPParameter(type: SCTPParameter.reconfigurationResponse, value: writer.bytes)]))
    }

    private mutating func incomingWasReset(_ stream: UInt16) {
        guard let channel = channels[stream] else { return }
        if case .closing(let outgoingIsReset, _) = channel.state {
            channels[stream]?.state = .closing(outgoingIsReset: outgoingIsReset, incomingIsReset: true)
            if outgoingIsReset { forgetChannel(stream) }
        } else {
            // RFC 8831 §6.7: the other direction follows. Nobody would read what is still queued.
            sender.discardQueued(stream: stream)
            channels[stream]?.state = .closing(outgoingIsReset: false, incomingIsReset: true)
            reset.waiting.insert(stream)
        }
    }

    private mutating func outgoingWasReset(_ stream: UInt16) {
        sender.resetSequence(stream: stream)
        guard case .closing(_, let incomingIsReset) = channels[stream]?.state else { return }
        channels[stream]?.state = .closing(outgoingIsReset: true, incomingIsReset: incomingIsReset)
        if incomingIsReset { forgetChannel(stream) }
    }

    mutating func forgetChannel(_ stream: UInt16) {
        sender.discardQueued(stream: stream)
        channels[stream] = nil
        events.append(.channelClosed(ChannelID(stream)))
    }
}
