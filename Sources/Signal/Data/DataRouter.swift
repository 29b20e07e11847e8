import LiveKitProtocol
package import Relay

/// Takes each message that a participant sends over a data channel, judges it, and passes it on to those it is for.
/// Messages are taken one at a time, so that they arrive in the order in which they were sent.
package struct DataRouter: Sendable {
    private let relay: Relay
    private let counters: SignalCounters

    package init(relay: Relay, counters: SignalCounters = SignalCounters()) {
        self.relay = relay
        self.counters = counters
    }

    /// Runs until the relay has no more messages, or the task is cancelled.
    package func run() async {
        for await message in relay.dataMessages {
            switch DataDisposition(of: message) {
            case .deliver(let payload, let recipients):
                do throws(RelayError) {
                    try await relay.deliver(
                        payload, kind: message.kind, room: message.room, to: recipients, from: message.sender.id)
                } catch {
                    counters.add(.undeliveredData)
                }
            case .drop(.malformed), .drop(.tooLarge): counters.add(.malformedData)
            case .drop(.notPermitted), .drop(.notForwarded): counters.add(.refusedData)
            }
        }
    }
}
