extension ICEClientAgent {
    /// A STUN datagram from the peer. What cannot be verified, and what answers nothing, is ignored. Call `advance`
    /// after it: a success makes the next step due at once.
    package mutating func receive(
        _ datagram: RawSpan, from source: TransportAddress, now: Instant
    ) -> ICEClientOutput {
        lastInput = now
        let message: STUNMessage
        do throws(ParseError) {
            message = try STUNMessage(parsing: datagram)
        } catch {
            return ICEClientOutput()
        }
        guard message.method == .binding else { return ICEClientOutput() }
        switch message.class {
        case .request: return answer(message, source)
        case .indication: return ICEClientOutput()
        case .success, .failure:
            guard message.verifyIntegrity(password: remote.password) else { return ICEClientOutput() }
            return settle(message, source, now)
        }
    }

    /// The peer's own checks tell us nothing new, but a full agent needs an answer to them.
    private func answer(_ request: STUNMessage, _ source: TransportAddress) -> ICEClientOutput {
        guard request.username == "\(local.ufrag):\(remote.ufrag)",
            request.verifyIntegrity(password: local.password)
        else { return ICEClientOutput() }
        var response = request.response(.success)
        if request.iceControlling != nil {
            response = request.response(.failure)
            response.errorCode = .roleConflict
        } else if !request.notUnderstood.isEmpty {
            response = request.response(.failure)
            response.errorCode = .unknownAttribute
            response.unknownAttributes = request.notUnderstood
        } else {
            response.xorMappedAddress = source
        }
        let bytes = response.serialize(integrityPassword: local.password)
        return ICEClientOutput(transmits: [ICETransmit(bytes: bytes, destination: source)])
    }

    /// A response counts only from the address that was asked (RFC 8445 §7.2.5.2.1).
    private mutating func settle(
        _ response: STUNMessage, _ source: TransportAddress, _ now: Instant
    ) -> ICEClientOutput {
        let isSuccess = response.class == .success && response.notUnderstood.isEmpty
        switch state {
        case .nominating(source) where nomination?.id == response.transactionID:
            guard isSuccess else {
                giveUpNomination(of: source)
                return ICEClientOutput()
            }
            nomination = nil
            state = .connected(source)
            consentExpires = now + Self.consentLifetime
            nextConsent = now + Self.consentInterval
            return ICEClientOutput(events: [.connected(source)])
        case .connected(source):
            guard let index = consentChecks.firstIndex(of: response.transactionID) else { break }
            consentChecks.remove(at: index)
            if isSuccess { consentExpires = now + Self.consentLifetime }
        default:
            guard let index = pairs.firstIndex(where: { $0.remote == source }),
                case .checking(let check) = pairs[index].progress, check.id == response.transactionID
            else { break }
            pairs[index].progress = isSuccess ? .succeeded : .failed
        }
        return ICEClientOutput()
    }
}
