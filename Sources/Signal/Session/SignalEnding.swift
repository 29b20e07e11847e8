import LiveKitProtocol
import NIOWebSocket
import Relay

/// Why a signalling connection ends.
enum SignalEnding: Hashable, Sendable {
    /// The client said that it leaves.
    case clientLeft
    /// The WebSocket is gone, or cannot be written to.
    case closed
    /// Nothing was heard for the ping timeout.
    case silent
    /// Too many requests, or too many that cannot be understood.
    case misbehaved
    /// One message was too large.
    case oversized
    /// The client did not read what it was sent.
    case slowReader
    /// The relay let the participant go.
    case dismissed(LeaveReason)
    /// The client goes on over another connection.
    case superseded
    /// The client asked to be treated so; `nil`: without a word. Whether it is to find its session again.
    case simulated(LiveKit_LeaveRequest?, mayResume: Bool)

    /// What the relay is told; `nil`: it knows.
    var leaveReason: LeaveReason? {
        switch self {
        case .clientLeft: .clientInitiated
        case .closed, .silent, .misbehaved, .oversized, .slowReader, .simulated: .signalClosed
        case .dismissed, .superseded: nil
        }
    }

    /// Whether the participant is kept for a while, so that the client can resume. Who had to be stopped has to join anew.
    var mayResume: Bool {
        switch self {
        case .closed, .silent, .slowReader: true
        case .simulated(_, let mayResume): mayResume
        case .clientLeft, .misbehaved, .oversized, .dismissed, .superseded: false
        }
    }

    /// What the client is told; `nil`: it knows, or would not hear it.
    var farewell: LiveKit_LeaveRequest? {
        switch self {
        case .dismissed(let reason): LiveKit_LeaveRequest(reason)
        case .simulated(let leave, _): leave
        case .clientLeft, .closed, .silent, .misbehaved, .oversized, .slowReader, .superseded: nil
        }
    }

    var closeCode: WebSocketErrorCode {
        switch self {
        case .clientLeft, .closed, .dismissed, .superseded: .normalClosure
        case .silent, .simulated: .goingAway
        case .misbehaved, .slowReader: .policyViolation
        case .oversized: .messageTooLarge
        }
    }
}
