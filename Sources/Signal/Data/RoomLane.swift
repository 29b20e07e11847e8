import Relay

/// Empties one room's lane: reads each message, has it judged, and passes it on, in order. Ends when nothing waits.
struct RoomLane: Sendable {
    let room: String
    let lanes: DataLanes
    let judge: RoomJudge?
    let counters: SignalCounters
    let deliver: DataRouter.Delivery
    let wakes: AsyncStream<Void>
    let wake: AsyncStream<Void>.Continuation

    /// What is under way in the room.
    struct State {
        var streams = TextStreams()
        var held = HeldParcels()

        var nextDeadline: ContinuousClock.Instant? {
            [streams.nextDeadline, held.nextDue].compactMap(\.self).min()
        }
    }

    func run() async {
        await withDiscardingTaskGroup { timers in
            var state = State()
            var alarm: ContinuousClock.Instant?
            for await _ in wakes {
                await work(&state)
                let now = ContinuousClock.now
                state.streams.expire(at: now)
                guard let deadline = state.nextDeadline else {
                    if await lanes.close(room) { break }
                    continue
                }
                if alarm.map({ $0 <= now || deadline < $0 }) ?? true {
                    alarm = deadline
                    timers.addTask {
                        try? await Task.sleep(until: deadline, clock: .continuous)
                        wake.yield()
                    }
                }
            }
            timers.cancelAll()
        }
    }

    /// Until nothing waits and nothing is due.
    private func work(_ state: inout State) async {
        while !Task.isCancelled {
            let due = state.held.take(at: .now)
            await release(due)
            let batch = await lanes.take(room)
            if batch.isEmpty, due.isEmpty { return }
            if let judge, await judge.governs(room) {
                await take(batch, judge, &state)
            } else {
                for message in batch { await pass(message) }
            }
        }
    }

    /// In a plain LiveKit room.
    private func pass(_ message: DataMessage) async {
        switch DataDisposition(of: message) {
        case .deliver(let payload, let recipients):
            await send(payload, message.kind, to: recipients, from: message.sender.id)
        case .drop(let refusal): count(refusal)
        }
    }

    func send(_ payload: [UInt8], _ kind: DataKind, to recipients: DataRecipients, from sender: ParticipantID?) async {
        do throws(RelayError) {
            try await deliver(payload, kind, room, recipients, sender)
        } catch {
            counters.add(.undeliveredData)
        }
    }

    func count(_ refusal: DataDisposition.Refusal) {
        switch refusal {
        case .malformed, .tooLarge: counters.add(.malformedData)
        case .notPermitted, .notForwarded: counters.add(.refusedData)
        }
    }
}
