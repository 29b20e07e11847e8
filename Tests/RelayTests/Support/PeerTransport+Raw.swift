import Media

@testable import Relay

/// What no client should send: bytes as they are, sealed with the session's own keys.
extension PeerTransport {
    /// For SCTP beside the association.
    static let strayTag: UInt32 = 7

    func send(rawRTP bytes: [UInt8]) {
        seal(bytes) { sealer, start, length in try? sealer.seal(rtp: start, length: length) }
    }

    func send(rawRTCP bytes: [UInt8]) {
        seal(bytes) { sealer, start, length in try? sealer.seal(rtcp: start, length: length) }
    }

    /// An SCTP packet beside those of the association.
    func send(rawSCTP bytes: [UInt8]) {
        guard let dtls, let remote else { return }
        for datagram in dtls.send(bytes.span.bytes).datagrams { socket.send(datagram, to: remote) }
    }

    private func seal(_ bytes: [UInt8], _ body: (SRTPSealer, UnsafeMutableRawPointer, Int) -> Int?) {
        guard let sealer, let remote else { return }
        var room = bytes + [UInt8](repeating: 0, count: SRTPSealer.maximumOverhead)
        let sealed = room.withUnsafeMutableBytes { body(sealer, $0.baseAddress!, bytes.count) }
        if let sealed { socket.send(Array(room.prefix(sealed)), to: remote) }
    }
}
