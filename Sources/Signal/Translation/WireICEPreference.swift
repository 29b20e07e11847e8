import LiveKitProtocol
import Relay

extension ICEPreference {
    /// Clients ask for UDP to get rid of what they asked for before, so that it means any way.
    ///
    /// No media comes over TLS here: TLS is the way to a TURN server, as in LiveKit, which is why clients that ask for it are
    /// to use a relay and nothing else.
    init(_ transport: LiveKit_CandidateProtocol) {
        self =
            switch transport {
            case .tcp: .tcp
            case .tls: .relay
            case .udp, .UNRECOGNIZED: .any
            }
    }
}

extension SignalSettings {
    /// Whether a client is told to use a relay and nothing else, which only those who asked for it are.
    ///
    /// LiveKit tells them so although it may have no TURN server to name, and they do not come back. Here they come back
    /// then by whatever way they find.
    func forcesRelay(_ preference: ICEPreference) -> Bool {
        preference == .relay && turn.hasRelay
    }
}
