import Relay

/// The messages that wait to be judged, by room. A room has a lane while something waits in it or is on its way; each lane
/// is emptied by a task of its own, so that a room whose judgement takes long keeps only itself waiting.
actor DataLanes {
    struct Limits: Sendable {
        /// Rooms in which something waits.
        var lanes = 4096
        /// Messages that wait in one room.
        var messages = 4096
        /// Messages of one sender that wait: nobody fills a room's lane alone.
        var messagesPerSender = 1024
        /// Bytes that wait in all rooms.
        var bytes = 64 << 20
        /// Messages that are judged together.
        var batch = 64
    }

    enum Placing {
        case queued
        /// The lane is new: whoever placed the message has it emptied, woken by this.
        case opened(wakes: AsyncStream<Void>, wake: AsyncStream<Void>.Continuation)
        case full
    }

    private struct Lane {
        var waiting: ArraySlice<DataMessage> = []
        var bySender: [ParticipantID: Int] = [:]
        let wake: AsyncStream<Void>.Continuation
    }

    private let limits: Limits
    private var lanes: [String: Lane] = [:]
    private var bytes = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    func place(_ message: DataMessage) -> Placing {
        guard bytes + message.payload.count <= limits.bytes else { return .full }
        if lanes[message.room] != nil { return add(message) ? .queued : .full }
        guard lanes.count < limits.lanes else { return .full }
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        lanes[message.room] = Lane(wake: wake)
        _ = add(message)
        return .opened(wakes: wakes, wake: wake)
    }

    /// The next messages of a room, oldest first.
    func take(_ room: String) -> [DataMessage] {
        guard let batch = lanes[room]?.waiting.prefix(limits.batch), !batch.isEmpty else { return [] }
        lanes[room]?.waiting.removeFirst(batch.count)
        for message in batch {
            bytes -= message.payload.count
            let left = (lanes[room]?.bySender[message.sender.id] ?? 1) - 1
            lanes[room]?.bySender[message.sender.id] = left > 0 ? left : nil
        }
        return Array(batch)
    }

    /// Takes a lane away; false, and it stays, when something waits in it.
    func close(_ room: String) -> Bool {
        guard lanes[room]?.waiting.isEmpty ?? true else { return false }
        lanes[room] = nil
        return true
    }

    var openLanes: Int { lanes.count }

    private func add(_ message: DataMessage) -> Bool {
        guard
            let lane = lanes[message.room], lane.waiting.count < limits.messages,
            lane.bySender[message.sender.id, default: 0] < limits.messagesPerSender
        else { return false }
        lanes[message.room]?.waiting.append(message)
        lanes[message.room]?.bySender[message.sender.id, default: 0] += 1
        bytes += message.payload.count
        lane.wake.yield()
        return true
    }
}
