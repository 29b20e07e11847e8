import LiveKitProtocol
package import Relay

/// Takes each message that a participant sends over a data channel into the lane of its room, where it is judged and
/// passed on to those it is for. A room's messages arrive in the order in which they were sent.
package struct DataRouter: Sendable {
    /// `Relay.deliver`.
    typealias Delivery =
        @Sendable (
            _ payload: [UInt8], _ kind: DataKind, _ room: String, _ to: DataRecipients, _ from: ParticipantID?
        ) async throws(RelayError) -> Void

    private let messages: AsyncStream<DataMessage>
    private let deliver: Delivery
    private let judge: RoomJudge?
    private let counters: SignalCounters
    private let lanes: DataLanes
    private let sequences: DataSequences

    /// - Parameter judge: of the application's rooms; nil when every room is a plain LiveKit room.
    package init(
        relay: Relay, judge: RoomJudge? = nil, counters: SignalCounters = SignalCounters(),
        sequences: DataSequences = DataSequences()
    ) {
        self.init(messages: relay.dataMessages, judge: judge, counters: counters, sequences: sequences) {
            (payload, kind, room, recipients, sender) async throws(RelayError) in
            try await relay.deliver(payload, kind: kind, room: room, to: recipients, from: sender)
        }
    }

    init(
        messages: AsyncStream<DataMessage>, judge: RoomJudge?, counters: SignalCounters,
        lanes: DataLanes = DataLanes(), sequences: DataSequences = DataSequences(), deliver: @escaping Delivery
    ) {
        self.messages = messages
        self.judge = judge
        self.counters = counters
        self.lanes = lanes
        self.sequences = sequences
        self.deliver = deliver
    }

    /// Runs until the relay has no more messages, or the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await message in messages where sequences.admit(message) {
                switch await lanes.place(message) {
                case .queued: break
                case .full: counters.add(.undeliveredData)
                case .opened(let wakes, let wake):
                    let lane = RoomLane(
                        room: message.room, lanes: lanes, judge: judge, counters: counters, deliver: deliver,
                        wakes: wakes, wake: wake)
                    group.addTask { await lane.run() }
                }
            }
            group.cancelAll()
        }
    }
}
