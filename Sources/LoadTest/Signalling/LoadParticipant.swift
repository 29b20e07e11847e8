import LiveKitProtocol
import Media
import SwiftProtobuf
import Synchronization

/// How far one participant came, and when.
struct ParticipantProgress: Sendable {
    var began: Instant
    var joined: Instant?
    var error: LoadTestError?
}

/// One participant from the first signalling message to the last: talks to the server, and tells a media thread what was
/// agreed on.
struct LoadParticipant: Sendable {
    let id: PeerID
    let role: LoadTestRole
    let plan: LoadTestPlan
    let thread: MediaThread
    let token: String

    /// Takes part until it is cancelled or dismissed. `note` is told of what happens.
    func run(_ note: @Sendable @escaping (_ change: @Sendable (inout ParticipantProgress) -> Void) -> Void) async {
        do {
            let link = try await SignalLink.open(plan.server, token: token)
            let (requests, outgoing) = AsyncStream.makeStream(of: LiveKit_SignalRequest.self)
            let conversation = Conversation(self, outgoing)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(5))
                        outgoing.yield(.with { $0.pingReq = .with { $0.timestamp = Clock.wall() / 1_000_000 } })
                    }
                }
                group.addTask {
                    try await link.converse(sending: requests) { response in
                        if case .join = response.message { note { $0.joined = Clock.now() } }
                        return try conversation.handle(response)
                    }
                    throw LoadTestError.disconnected
                }
                try await group.next()
            }
        } catch is CancellationError {
        } catch let error as LoadTestError where !Task.isCancelled {
            note { $0.error = error }
        } catch  where !Task.isCancelled {
            note { $0.error = .disconnected }
        } catch {}
        thread.post(.close(id))
    }
}
