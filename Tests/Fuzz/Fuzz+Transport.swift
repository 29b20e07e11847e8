@testable import Media

extension Fuzz {
    static func stun(_ bytes: RawSpan) {
        _ = STUNMessage.localUfrag(of: bytes)
        guard let message = try? STUNMessage(parsing: bytes) else { return }
        _ = message.verifyFingerprint()
        _ = message.verifyIntegrity(password: "password")
        let written = message.serialize(integrityPassword: "password")
        guard let again = try? STUNMessage(parsing: written.span.bytes) else {
            return law(false, "a STUN message that is written can be read")
        }
        law(
            again.verifyFingerprint() && again.verifyIntegrity(password: "password"),
            "STUN proves what it was signed with")
        law(again.serialize(integrityPassword: "password") == written, "a STUN message reads as it was written")
    }

    static func candidate(_ bytes: RawSpan) {
        let text = String(decoding: bytes.array, as: UTF8.self)
        if let address = TransportAddress(text, port: 7) {
            law(TransportAddress(address.host, port: 7) == address, "an address reads as it was written")
        }
        guard let candidate = try? ICECandidate(parsing: text) else { return }
        let again = try? ICECandidate(parsing: candidate.serialized())
        law(again == candidate, "a candidate reads as it was written")
    }

    /// What is read of a datagram before anybody's keys are tried on it, ClientHellos among them.
    static func dtls(_ bytes: RawSpan) {
        _ = DatagramKind.classify(bytes)
        _ = try? DTLSRecord.census(of: bytes)
        let count = bytes.byteCount
        DTLSRecord.forEachProtected(of: bytes) { record in
            law(record.epoch > 0 && record.fragment.upperBound <= count, "a record lies in its datagram")
        }
    }

    static func sctp(_ bytes: RawSpan) {
        guard bytes.byteCount >= SCTPPacket.headerSize else { return }
        let packet = withChecksum(bytes.array)
        guard let parsed = try? SCTPPacket(parsing: packet.span.bytes) else { return }
        let again = try? SCTPPacket(parsing: parsed.serialize().span.bytes)
        law(again == parsed, "an SCTP packet reads as it was written")
        for case .reconfigure(let parameters) in parsed.chunks {
            for parameter in parameters where parameter.type == SCTPParameter.outgoingReset {
                guard let request = try? SCTPStreamReset.Request(parsing: parameter.value) else { continue }
                let again = try? SCTPStreamReset.Request(parsing: request.parameter.value)
                law(again == request, "a stream reset reads as it was written")
            }
        }
    }

    /// An association in mid-life that hears chunks with the right tag and checksum: two bytes of length before each
    /// packet's chunks.
    static func association(_ bytes: RawSpan) {
        var random = Ascending()
        var now = Instant(nanoseconds: 1_000_000_000)
        var ours = SCTPAssociation(role: .passive, usesEvenStreams: false, now: now, using: &random)
        var theirs = SCTPAssociation(role: .active, usesEvenStreams: true, now: now, using: &random)
        ours.start(now: now)
        theirs.start(now: now)
        var header: [UInt8] = []
        for _ in 0..<4 {
            while let packet = theirs.pollPacket(now: now) {
                header = Array(packet.prefix(8))
                ours.receive(packet.span.bytes, now: now)
            }
            while let packet = ours.pollPacket(now: now) { theirs.receive(packet.span.bytes, now: now) }
        }
        var reader = ByteReader(bytes)
        while let length = try? reader.uint16(), let chunks = try? reader.bytes(min(Int(length), reader.remaining)) {
            ours.receive(withChecksum(header + [0, 0, 0, 0] + chunks).span.bytes, now: now)
            while ours.pollEvent() != nil {}
            var answers = 0
            while ours.pollPacket(now: now) != nil {
                answers += 1
                law(answers < 1000, "a packet has a bounded answer")
            }
            now = now + .milliseconds(100)
            ours.advance(to: now)
        }
    }

    static func dcep(_ bytes: RawSpan) {
        guard let message = try? DCEPMessage(parsing: bytes) else { return }
        let written = message.serialize()
        let again = try? DCEPMessage(parsing: written.span.bytes)
        law(again != nil, "a DCEP message that is written can be read")
        law(again == message || written.count > Int(UInt16.max), "a DCEP message reads as it was written")
    }

    private static func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
        var packet = bytes
        let checksum = SCTPPacket.checksum(bytes.span.bytes)
        for index in 0..<4 { packet[8 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
        return packet
    }

    /// The same tags and keys in every run.
    private struct Ascending: RandomNumberGenerator {
        var state: UInt64 = 0

        mutating func next() -> UInt64 {
            state += 0x9E37_79B9_7F4A_7C15 & 0xFFFF_FFFF_FFFF
            return state
        }
    }

    /// As what came from outside, which nobody sealed, and as what is sealed and opened again.
    static func srtp(_ bytes: RawSpan) {
        guard bytes.byteCount <= SRTPOpener.maximumLength else { return }
        for profile in SRTPProfile.allCases {
            let key = [UInt8](repeating: 3, count: profile.keyLength)
            let salt = [UInt8](repeating: 5, count: profile.saltLength)
            guard let sealer = try? SRTPSealer(profile: profile, key: key, salt: salt),
                let opener = try? SRTPOpener(profile: profile, key: key, salt: salt)
            else { return law(false, "keys of the right length are taken") }
            let packet = bytes.array
            for isReport in [false, true] {
                var foreign = packet
                law(open(&foreign, packet.count, isReport, opener) == nil, "what nobody sealed is not opened")
                var sealed = packet + [UInt8](repeating: 0, count: SRTPSealer.maximumOverhead)
                let length = sealed.withUnsafeMutableBytes { memory in
                    isReport
                        ? try? sealer.seal(rtcp: memory.baseAddress!, length: packet.count)
                        : try? sealer.seal(rtp: memory.baseAddress!, length: packet.count)
                }
                guard let length else { continue }
                var copy = sealed
                law(open(&copy, length, isReport, opener) == packet.count, "what was sealed is opened")
                law(copy.starts(with: packet), "a packet reads as it was sealed")
                law(open(&sealed, length, isReport, opener) == nil, "nothing is opened twice")
            }
        }
    }

    private static func open(_ packet: inout [UInt8], _ length: Int, _ isReport: Bool, _ opener: SRTPOpener) -> Int? {
        packet.append(0)
        return packet.withUnsafeMutableBytes { memory in
            isReport
                ? try? opener.open(rtcp: memory.baseAddress!, length: length)
                : try? opener.open(rtp: memory.baseAddress!, length: length)
        }
    }
}
