/// A datagram to send.
package struct ICETransmit: Equatable, Sendable {
    package var bytes: [UInt8]
    package var destination: TransportAddress
}

package enum ICEClientEvent: Equatable, Sendable {
    /// The peer has accepted our nomination of this address: send there.
    case connected(TransportAddress)
    /// No candidate answered, or consent ran out on the one that was nominated.
    case failed
}

/// What an ICE client wants done, in order.
package struct ICEClientOutput: Equatable, Sendable {
    package var transmits: [ICETransmit] = []
    package var events: [ICEClientEvent] = []
}

/// The client's half of an ICE session: a controlling agent with one local base, which checks the addresses of its peer,
/// nominates the first that answers (regular nomination, RFC 8445 §8.1.1) and keeps consent fresh (RFC 7675). Sans IO.
///
/// Departures: it makes no triggered checks and never gives up control, because its peer is an ICE-lite server, which
/// sends no checks; requests are answered all the same. Candidates are tried in the order given.
package struct ICEClientAgent: Sendable {
    package static let maximumCandidates = 32
    /// Ta: between the first checks of two candidates (RFC 8445 §14.2).
    static let pacing = Duration.milliseconds(50)
    /// RTO, doubled at each of `maximumAttempts` (RFC 8489 §6.2.1).
    static let firstTimeout = Duration.milliseconds(500)
    static let maximumAttempts = 7
    /// Mean time between consent checks, each within ±20 % of it (RFC 7675 §5.1).
    static let consentInterval = Duration.seconds(5)
    static let consentLifetime = Duration.seconds(30)
    /// Consent checks that may still be answered; the oldest is forgotten.
    static let maximumConsentChecks = 8

    package enum State: Equatable, Sendable {
        case checking
        case nominating(TransportAddress)
        case connected(TransportAddress)
        case failed
    }

    struct Check: Sendable {
        let id: STUNTransactionID
        let bytes: [UInt8]
        var attempts: Int
        var nextAttempt: Instant
    }

    enum Progress: Sendable {
        case waiting
        case checking(Check)
        case succeeded
        case failed
    }

    struct Pair: Sendable {
        let remote: TransportAddress
        var progress: Progress
    }

    package let local: ICECredentials
    package let remote: ICECredentials
    package internal(set) var state = State.checking
    let tieBreaker: UInt64
    var pairs: [Pair] = []
    var nextFirstCheck: Instant
    /// When something last arrived or was asked for: what that made due is due since then.
    var lastInput: Instant
    var nomination: Check?
    var consentChecks: [STUNTransactionID] = []
    var nextConsent: Instant
    var consentExpires: Instant

    package init(
        local: ICECredentials, remote: ICECredentials, remoteCandidates: [TransportAddress], tieBreaker: UInt64,
        now: Instant
    ) {
        self.local = local
        self.remote = remote
        self.tieBreaker = tieBreaker
        nextFirstCheck = now
        lastInput = now
        nextConsent = now
        consentExpires = now + Self.consentLifetime
        for candidate in remoteCandidates { add(candidate) }
    }

    /// A candidate that came later (trickle). Repeated ones, and those beyond `maximumCandidates`, are ignored.
    package mutating func add(_ candidate: TransportAddress) {
        guard pairs.count < Self.maximumCandidates, !pairs.contains(where: { $0.remote == candidate }) else { return }
        pairs.append(Pair(remote: candidate, progress: .waiting))
    }

    /// Nominates the connected address once more and at once, for a client whose own address has changed.
    package mutating func renominate(now: Instant) {
        guard case .connected(let address) = state else { return }
        state = .nominating(address)
        lastInput = now
        consentExpires = now + Self.consentLifetime
    }

    /// When `advance` next has something to do; nil after failure, and while there is no candidate.
    package var nextTimeout: Instant? {
        switch state {
        case .failed: return nil
        case .connected: return min(nextConsent, consentExpires)
        case .nominating: return nomination?.nextAttempt ?? lastInput
        case .checking:
            let times = pairs.compactMap { pair in
                switch pair.progress {
                case .waiting: nextFirstCheck
                case .checking(let check): check.nextAttempt
                case .succeeded: lastInput
                case .failed: nil
                }
            }
            return pairs.isEmpty ? nil : times.min() ?? lastInput
        }
    }

    /// Sends what is due: first and repeated checks, nominations, consent. To be called first at the start, then at
    /// `nextTimeout` and after each `receive`.
    package mutating func advance(
        to now: Instant, using generator: inout some RandomNumberGenerator
    ) -> ICEClientOutput {
        var output = ICEClientOutput()
        switch state {
        case .failed: break
        case .checking: advanceChecks(now, &generator, &output)
        case .nominating(let address): advanceNomination(of: address, now, &generator, &output)
        case .connected(let address): advanceConsent(on: address, now, &generator, &output)
        }
        return output
    }

    private mutating func advanceChecks(
        _ now: Instant, _ generator: inout some RandomNumberGenerator, _ output: inout ICEClientOutput
    ) {
        for index in pairs.indices {
            let address = pairs[index].remote
            switch pairs[index].progress {
            case .waiting where now >= nextFirstCheck:
                nextFirstCheck = now + Self.pacing
                let check = makeCheck(nominating: false, now, &generator)
                pairs[index].progress = .checking(check)
                output.transmits.append(ICETransmit(bytes: check.bytes, destination: address))
            case .checking(var check) where now >= check.nextAttempt:
                if Self.again(&check, now) {
                    pairs[index].progress = .checking(check)
                    output.transmits.append(ICETransmit(bytes: check.bytes, destination: address))
                } else {
                    pairs[index].progress = .failed
                }
            case .succeeded:
                state = .nominating(address)
                advanceNomination(of: address, now, &generator, &output)
                return
            default: break
            }
        }
        let isExhausted = pairs.allSatisfy { if case .failed = $0.progress { true } else { false } }
        if isExhausted, !pairs.isEmpty { fail(&output) }
    }

    private mutating func advanceNomination(
        of address: TransportAddress, _ now: Instant, _ generator: inout some RandomNumberGenerator,
        _ output: inout ICEClientOutput
    ) {
        guard var check = nomination else {
            let check = makeCheck(nominating: true, now, &generator)
            nomination = check
            output.transmits.append(ICETransmit(bytes: check.bytes, destination: address))
            return
        }
        guard now >= check.nextAttempt else { return }
        if Self.again(&check, now) {
            nomination = check
            output.transmits.append(ICETransmit(bytes: check.bytes, destination: address))
        } else {
            giveUpNomination(of: address)
            advanceChecks(now, &generator, &output)
        }
    }

    private mutating func advanceConsent(
        on address: TransportAddress, _ now: Instant, _ generator: inout some RandomNumberGenerator,
        _ output: inout ICEClientOutput
    ) {
        guard now < consentExpires else { return fail(&output) }
        guard now >= nextConsent else { return }
        let check = makeCheck(nominating: false, now, &generator)
        if consentChecks.count == Self.maximumConsentChecks { consentChecks.removeFirst() }
        consentChecks.append(check.id)
        output.transmits.append(ICETransmit(bytes: check.bytes, destination: address))
        scheduleConsent(now, &generator)
    }

    private mutating func scheduleConsent(_ now: Instant, _ generator: inout some RandomNumberGenerator) {
        nextConsent = now + Self.consentInterval * Double.random(in: 0.8...1.2, using: &generator)
    }

    mutating func giveUpNomination(of address: TransportAddress) {
        nomination = nil
        state = .checking
        if let index = pairs.firstIndex(where: { $0.remote == address }) { pairs[index].progress = .failed }
    }

    private mutating func fail(_ output: inout ICEClientOutput) {
        state = .failed
        output.events.append(.failed)
    }

    /// Counts one more attempt; false if there have been enough.
    private static func again(_ check: inout Check, _ now: Instant) -> Bool {
        guard check.attempts < maximumAttempts else { return false }
        check.nextAttempt = now + firstTimeout * (1 << check.attempts)
        check.attempts += 1
        return true
    }

    private func makeCheck(
        nominating: Bool, _ now: Instant, _ generator: inout some RandomNumberGenerator
    ) -> Check {
        var request = STUNMessage(.request, transactionID: .random(using: &generator))
        request.username = "\(remote.ufrag):\(local.ufrag)"
        request.priority = ICECandidate.priority(kind: .prflx)
        request.iceControlling = tieBreaker
        request.useCandidate = nominating
        return Check(
            id: request.transactionID, bytes: request.serialize(integrityPassword: remote.password), attempts: 1,
            nextAttempt: now + Self.firstTimeout)
    }
}
