/// What an ICE-lite agent makes of a datagram.
package enum ICELiteOutcome: Equatable, Sendable {
    /// Nothing is sent: whoever cannot prove that they know the session's password learns nothing.
    case dropped(ICELiteDropReason)
    /// Bytes to send back to where the datagram came from.
    case response([UInt8], ICELiteEvent?)
}

package enum ICELiteDropReason: Error, Equatable {
    case malformed
    /// Not a Binding request: this side sends none, so it awaits no response.
    case notRequest
    case badFingerprint
    /// USERNAME is missing or is not of this session.
    case wrongUsername
    /// MESSAGE-INTEGRITY is missing or was made with another password.
    case badIntegrity
}

package enum ICELiteEvent: Equatable, Sendable {
    /// The first address that passed a check serves for sending until the peer nominates one.
    case pathProvisional(TransportAddress)
    /// The peer nominated its first address, or `selected` moved to another.
    case pathNominated(TransportAddress)
    /// No valid check for `ICELiteAgent.consentLifetime`: stop sending.
    case consentLost
}

/// The server's half of an ICE session: an ICE-lite agent (RFC 8445 §2.5), always controlled, which answers checks and
/// sends to where the peer says. Sans IO: datagrams and time go in, bytes and events come out.
///
/// Departures. The latest nomination wins, whatever its priority, so that a peer that moves (Wi-Fi to mobile) is followed
/// with its first check from there; and when the selected address has been silent for `silenceLimit` while another one
/// keeps checking, media moves there even without a nomination. Consent (RFC 7675) is the peer's own checks, and a
/// valid check after consent was lost gives it anew.
package struct ICELiteAgent: Sendable {
    /// Addresses a session may have; a new one displaces the longest silent.
    package static let maximumPaths = 8
    /// RFC 7675 §5.1.
    package static let consentLifetime = Duration.seconds(30)
    /// More than one consent interval of any browser (at most 6 s).
    package static let silenceLimit = Duration.seconds(8)

    private struct Path: Sendable {
        let address: TransportAddress
        var lastCheck: Instant
    }

    /// What was agreed on before a restart.
    private struct Former: Sendable {
        let local: ICECredentials
        let remoteUfrag: String?
    }

    package private(set) var local: ICECredentials
    /// The peer's fragment; nil until its description is known, when any is taken.
    package var remoteUfrag: String?
    /// Holds until the peer nominates with the new credentials: it goes on with these until it has learnt of those.
    private var former: Former?
    /// No check has come with the credentials of the last restart.
    private var awaitsRestart = false
    /// Where to send: the nominated address, before that the first verified one; nil when there is none, or none is left.
    package private(set) var selected: TransportAddress?
    /// Whether the peer has chosen `selected` itself.
    package private(set) var isNominated = false
    /// When sending must stop if no valid check arrives before.
    package private(set) var consentExpires: Instant
    private var consentIsLost = false
    private var paths: [Path] = []

    /// - Parameter former: credentials that a peer may still use after a restart that came before its first check.
    package init(local: ICECredentials, former: ICECredentials? = nil, remoteUfrag: String?, now: Instant) {
        self.local = local
        self.former = former.map { Former(local: $0, remoteUfrag: nil) }
        self.remoteUfrag = remoteUfrag
        consentExpires = now + Self.consentLifetime
    }

    /// The addresses that passed a check and have not been displaced since.
    package var verifiedAddresses: [TransportAddress] { paths.map(\.address) }

    /// Whether `address` passed an integrity-checked binding: only then are its DTLS and media looked at.
    package func isVerified(_ address: TransportAddress) -> Bool {
        paths.contains { $0.address == address }
    }

    /// Takes new credentials for both sides (RFC 8445 §9). Media keeps flowing on the old path, and checks of it are
    /// answered, until the peer checks with the new ones: a peer that restarts may have moved, and is followed at once.
    /// Consent is not renewed by this: only checks give it.
    ///
    /// - Parameter keepsFormer: false when the peer is to leave its old path, which it does only once checks of it are no
    ///   longer answered. Media keeps flowing on it meanwhile as well.
    package mutating func restart(local: ICECredentials, remoteUfrag: String?, keepsFormer: Bool = true) {
        former = keepsFormer ? Former(local: self.local, remoteUfrag: self.remoteUfrag) : nil
        self.local = local
        self.remoteUfrag = remoteUfrag
        isNominated = false
        awaitsRestart = true
    }

    /// A path ended (its TCP connection was closed): media moves to the one that was checked last, until the peer
    /// nominates again.
    package mutating func forget(_ address: TransportAddress) {
        paths.removeAll { $0.address == address }
        guard selected == address else { return }
        selected = paths.max { $0.lastCheck < $1.lastCheck }?.address
        isNominated = false
    }

    /// Reports `.consentLost`, once. Due at `consentExpires`.
    package mutating func advance(to now: Instant) -> ICELiteEvent? {
        guard now >= consentExpires, !consentIsLost else { return nil }
        consentIsLost = true
        return .consentLost
    }

    package mutating func receive(_ datagram: RawSpan, from source: TransportAddress, now: Instant) -> ICELiteOutcome {
        let request: STUNMessage
        do throws(ParseError) {
            request = try STUNMessage(parsing: datagram)
        } catch {
            return .dropped(.malformed)
        }
        let used: ICECredentials
        do throws(ICELiteDropReason) {
            used = try verify(request)
        } catch {
            return .dropped(error)
        }
        guard request.notUnderstood.isEmpty else {
            var refusal = request.response(.failure)
            refusal.errorCode = .unknownAttribute
            refusal.unknownAttributes = request.notUnderstood
            return .response(refusal.serialize(integrityPassword: used.password), nil)
        }
        // A lite agent never controls (RFC 8445 §6.1.1), so a peer that would be controlled as well must switch.
        guard request.iceControlled == nil else {
            var refusal = request.response(.failure)
            refusal.errorCode = .roleConflict
            return .response(refusal.serialize(integrityPassword: used.password), nil)
        }
        var success = request.response(.success)
        success.xorMappedAddress = source
        let event = noteCheck(
            from: source, nominates: request.useCandidate, isCurrent: used == local, now: now)
        return .response(success.serialize(integrityPassword: used.password), event)
    }

    /// The credentials that a request was made with. The cheap reasons against it first.
    private func verify(_ request: STUNMessage) throws(ICELiteDropReason) -> ICECredentials {
        guard request.class == .request, request.method == .binding else { throw .notRequest }
        guard !request.hasFingerprint || request.verifyFingerprint() else { throw .badFingerprint }
        guard let username = request.username, let used = credentials(in: username) else {
            throw .wrongUsername
        }
        guard request.verifyIntegrity(password: used.password) else { throw .badIntegrity }
        return used
    }

    /// Ours in "ours:theirs" (RFC 8445 §7.2.2).
    private func credentials(in username: String) -> ICECredentials? {
        let (first, second) = Substring(username).cut(at: ":")
        guard let second else { return nil }
        func accepts(_ ours: ICECredentials, _ theirs: String?) -> Bool {
            first == ours.ufrag && theirs.map { $0 == second } ?? true
        }
        if accepts(local, remoteUfrag) { return local }
        if let former, accepts(former.local, former.remoteUfrag) { return former.local }
        return nil
    }

    /// Takes note of a valid check and chooses where to send from now on.
    private mutating func noteCheck(
        from source: TransportAddress, nominates: Bool, isCurrent: Bool, now: Instant
    ) -> ICELiteEvent? {
        renewConsent(now)
        touch(source, now)
        let isFirstOfRestart = isCurrent && awaitsRestart
        if isCurrent {
            awaitsRestart = false
            if nominates { former = nil }
        } else if !awaitsRestart {
            // The path that is given up is kept open, and has no say any more.
            return nil
        }
        guard let selected, !isFirstOfRestart else {
            self.selected = source
            isNominated = nominates
            return nominates ? .pathNominated(source) : .pathProvisional(source)
        }
        if nominates {
            guard selected != source || !isNominated else { return nil }
            self.selected = source
            isNominated = true
            return .pathNominated(source)
        }
        guard source != selected, isSilent(selected, now) else { return nil }
        self.selected = source
        return .pathNominated(source)
    }

    private func isSilent(_ address: TransportAddress, _ now: Instant) -> Bool {
        guard let path = paths.first(where: { $0.address == address }) else { return true }
        return now - path.lastCheck > Self.silenceLimit
    }

    private mutating func renewConsent(_ now: Instant) {
        consentExpires = now + Self.consentLifetime
        consentIsLost = false
    }

    private mutating func touch(_ address: TransportAddress, _ now: Instant) {
        if let index = paths.firstIndex(where: { $0.address == address }) {
            paths[index].lastCheck = now
            return
        }
        if paths.count == Self.maximumPaths {
            let others = paths.indices.filter { paths[$0].address != selected }
            paths.remove(at: others.min { paths[$0].lastCheck < paths[$1].lastCheck }!)
        }
        paths.append(Path(address: address, lastCheck: now))
    }
}
