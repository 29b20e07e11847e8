/// What an ICE-lite agent makes of a datagram.
package enum ICELiteOutcome: Equatable, Sendable {
    /// Nothing is sent: whoever cannot prove that they know the session's password learns nothing.
    case dropped(ICELiteDropReason)
    /// Bytes to send back to where the datagram came from.
    case response([UInt8], ICELiteEvent?)
}

package enum ICELiteDropReason: Equatable, Sendable {
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

    package private(set) var local: ICECredentials
    /// The peer's fragment; nil until its description is known, when any is taken.
    package var remoteUfrag: String?
    /// Where to send: the nominated address, before that the first verified one.
    package private(set) var selected: TransportAddress?
    /// Whether the peer has chosen `selected` itself.
    package private(set) var isNominated = false
    /// When sending must stop if no valid check arrives before.
    package private(set) var consentExpires: Instant
    private var consentIsLost = false
    private var paths: [Path] = []

    package init(local: ICECredentials, remoteUfrag: String?, now: Instant) {
        self.local = local
        self.remoteUfrag = remoteUfrag
        consentExpires = now + Self.consentLifetime
    }

    /// The addresses that passed a check and have not been displaced since.
    package var verifiedAddresses: [TransportAddress] { paths.map(\.address) }

    /// Whether `address` passed an integrity-checked binding: only then are its DTLS and media looked at.
    package func isVerified(_ address: TransportAddress) -> Bool {
        paths.contains { $0.address == address }
    }

    /// Takes new credentials for both sides (RFC 8445 §9). Media keeps flowing on the old path until the peer nominates
    /// again.
    package mutating func restart(local: ICECredentials, remoteUfrag: String?, now: Instant) {
        self.local = local
        self.remoteUfrag = remoteUfrag
        isNominated = false
        renewConsent(now)
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
        if let reason = reasonToDrop(request) { return .dropped(reason) }
        guard request.notUnderstood.isEmpty else {
            var refusal = request.response(.failure)
            refusal.errorCode = .unknownAttribute
            refusal.unknownAttributes = request.notUnderstood
            return .response(refusal.serialize(integrityPassword: local.password), nil)
        }
        // A lite agent never controls (RFC 8445 §6.1.1), so a peer that would be controlled as well must switch.
        guard request.iceControlled == nil else {
            var refusal = request.response(.failure)
            refusal.errorCode = .roleConflict
            return .response(refusal.serialize(integrityPassword: local.password), nil)
        }
        var success = request.response(.success)
        success.xorMappedAddress = source
        let event = noteCheck(from: source, nominates: request.useCandidate, now: now)
        return .response(success.serialize(integrityPassword: local.password), event)
    }

    /// The cheap reasons first.
    private func reasonToDrop(_ request: STUNMessage) -> ICELiteDropReason? {
        guard request.class == .request, request.method == .binding else { return .notRequest }
        guard !request.hasFingerprint || request.verifyFingerprint() else { return .badFingerprint }
        guard let username = request.username, isOurs(username) else { return .wrongUsername }
        guard request.verifyIntegrity(password: local.password) else { return .badIntegrity }
        return nil
    }

    /// Whether `username` is "ours:theirs" (RFC 8445 §7.2.2).
    private func isOurs(_ username: String) -> Bool {
        let (first, second) = Substring(username).cut(at: ":")
        guard let second, first == local.ufrag else { return false }
        guard let remoteUfrag else { return true }
        return second == remoteUfrag
    }

    /// Takes note of a valid check and chooses where to send from now on.
    private mutating func noteCheck(from source: TransportAddress, nominates: Bool, now: Instant) -> ICELiteEvent? {
        renewConsent(now)
        touch(source, now)
        guard let selected else {
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
