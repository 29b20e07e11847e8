package import LiveKitProtocol
package import Relay

extension LiveKit_DisconnectReason {
    package init(_ reason: LeaveReason) {
        self =
            switch reason {
            case .clientInitiated: .clientInitiated
            case .duplicateIdentity: .duplicateIdentity
            case .serverShutdown: .serverShutdown
            case .participantRemoved: .participantRemoved
            case .roomDeleted: .roomDeleted
            case .stateMismatch: .stateMismatch
            case .joinFailure: .joinFailure
            case .connectionTimeout: .connectionTimeout
            case .signalClosed: .signalClose
            case .roomClosed: .roomClosed
            }
    }
}

extension LeaveReason {
    /// `nil`: a reason that the relay never has.
    package init?(_ reason: LiveKit_DisconnectReason) {
        switch reason {
        case .clientInitiated: self = .clientInitiated
        case .duplicateIdentity: self = .duplicateIdentity
        case .serverShutdown: self = .serverShutdown
        case .participantRemoved: self = .participantRemoved
        case .roomDeleted: self = .roomDeleted
        case .stateMismatch: self = .stateMismatch
        case .joinFailure: self = .joinFailure
        case .connectionTimeout: self = .connectionTimeout
        case .signalClose: self = .signalClosed
        case .roomClosed: self = .roomClosed
        default: return nil
        }
    }

    /// What the client is to do about it: those who were sent away stay away, those whom the network or the server
    /// failed join anew.
    var action: LiveKit_LeaveRequest.Action {
        switch self {
        case .serverShutdown, .stateMismatch, .connectionTimeout: .reconnect
        case .clientInitiated, .duplicateIdentity, .participantRemoved, .roomDeleted, .joinFailure, .signalClosed,
            .roomClosed:
            .disconnect
        }
    }
}

extension LiveKit_LeaveRequest {
    init(_ reason: LeaveReason) {
        self.init(LiveKit_DisconnectReason(reason), reason.action)
    }

    init(_ reason: LiveKit_DisconnectReason, _ action: Action) {
        self.init()
        self.reason = reason
        self.action = action
        canReconnect = action != .disconnect
    }
}
