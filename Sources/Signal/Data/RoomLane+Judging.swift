import Relay

/// In a room whose rules are the application's.
extension RoomLane {
    /// Judges a batch as a whole, so that what the judge writes down is written once for all.
    func take(_ batch: [DataMessage], _ judge: RoomJudge, _ state: inout State) async {
        var parcels: [Parcel] = []
        for message in batch {
            if let parcel = await read(message, &state.streams) { parcels.append(parcel) }
        }
        guard !parcels.isEmpty else { return }
        let verdicts = await judge.judge(room, parcels.map(\.submission))
        for (parcel, verdict) in zip(parcels, verdicts) { await settle(parcel, verdict, &state.held) }
    }

    /// Asks once more about what was held, and passes it on or not.
    func release(_ due: [(parcel: Parcel, chat: ChatSubmission)]) async {
        guard let judge, !due.isEmpty else { return }
        let verdicts = await judge.release(room, due.map(\.chat))
        for (held, verdict) in zip(due, verdicts) {
            switch verdict {
            case .deliver: await send(held.parcel)
            case .refuse(let refusal): await refuse(held.chat.id, refusal, held.chat.sender)
            case .hold, .drop: counters.add(.refusedData)
            }
        }
    }

    /// What is to be judged now; nil while a text is not whole, and for what is never passed on.
    private func read(_ message: DataMessage, _ streams: inout TextStreams) async -> Parcel? {
        let routed: RoutedPacket
        do throws(DataDisposition.Refusal) {
            routed = try RoutedPacket(message)
        } catch {
            count(error)
            return nil
        }
        let data = Parcel(
            submission: .data(sender: message.sender, bytes: message.payload.count), packets: [routed])
        switch DataContent(routed, of: message) {
        case .chat(let chat): return Parcel(submission: .chat(chat), packets: [routed])
        case .other: return data
        case .reserved: count(.notForwarded)
        case .unreadable: count(.malformed)
        case .streamPart:
            switch streams.take(routed, of: message, at: .now) {
            case .notChat: return data
            case .waiting: break
            case .complete(let chat, let packets): return Parcel(submission: .chat(chat), packets: packets)
            case .refused(let id, let refusal): await refuse(id, refusal, message.sender)
            case .dropped: counters.add(.refusedData)
            }
        }
        return nil
    }

    private func settle(_ parcel: Parcel, _ verdict: RoomVerdict, _ held: inout HeldParcels) async {
        switch (verdict, parcel.submission) {
        case (.deliver, _):
            await send(parcel)
        case (.hold(let delay), .chat(let chat)):
            held.add(parcel, chat, due: .now.advanced(by: delay))
            await tell(.held(id: chat.id, delay: delay), chat.sender)
        case (.refuse(let refusal), .chat(let chat)):
            await refuse(chat.id, refusal, chat.sender)
        case (.hold, .data), (.refuse, .data), (.drop, _):
            counters.add(.refusedData)
        }
    }

    private func send(_ parcel: Parcel) async {
        guard let recipients = parcel.packets.first?.recipients else { return }
        for packet in parcel.packets {
            await send(packet.payload, packet.kind, to: recipients, from: parcel.submission.sender.id)
        }
    }

    private func refuse(_ id: String, _ refusal: ChatRefusal, _ sender: ParticipantState) async {
        counters.add(.refusedData)
        await tell(.refused(id: id, refusal), sender)
    }

    private func tell(_ notice: ServerNotice, _ sender: ParticipantState) async {
        for packet in notice.packets {
            await send(packet, .reliable, to: .identities([sender.identity]), from: nil)
        }
    }
}
