import Media
import Testing

@Suite struct STUNMessageTests {
    @Test func `the sample request of RFC 5769 is read and verified`() throws {
        let bytes = RFC5769.request
        let message = try STUNMessage(parsing: bytes.span.bytes)
        #expect(message.class == .request)
        #expect(message.method == .binding)
        #expect(message.transactionID == STUNTransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE))
        #expect(message.software == "STUN test client")
        #expect(message.priority == 0x6E00_01FF)
        #expect(message.iceControlled == 0x932F_F9B1_5126_3B36)
        #expect(message.iceControlling == nil)
        #expect(message.username == "evtj:h6vY")
        #expect(message.notUnderstood == [])
        #expect(message.verifyFingerprint())
        #expect(message.verifyIntegrity(password: RFC5769.password))
        #expect(!message.verifyIntegrity(password: "VOkJxbRl1RmTxUk/WvJxBT"))
        #expect(!message.verifyIntegrity(password: ""))
    }

    @Test func `the sample responses of RFC 5769 give the mapped addresses`() throws {
        let expected = [
            TransportAddress("192.0.2.1", port: 32853),
            TransportAddress("2001:db8:1234:5678:11:2233:4455:6677", port: 32853),
        ]
        for (bytes, address) in zip([RFC5769.ipv4Response, RFC5769.ipv6Response], expected) {
            let message = try STUNMessage(parsing: bytes.span.bytes)
            #expect(message.class == .success)
            #expect(message.software == "test vector")
            #expect(message.xorMappedAddress == address)
            #expect(message.verifyFingerprint())
            #expect(message.verifyIntegrity(password: RFC5769.password))
        }
    }

    @Test func `a changed byte breaks the integrity or the fingerprint`() throws {
        for index in RFC5769.request.indices {
            var bytes = RFC5769.request
            bytes[index] ^= 1
            guard let message = try? STUNMessage(parsing: bytes.span.bytes) else { continue }
            #expect(!message.verifyFingerprint() || index >= bytes.count - 8, "byte \(index)")
            if index < bytes.count - 8 {
                #expect(!message.verifyIntegrity(password: RFC5769.password), "byte \(index)")
            }
        }
    }

    @Test func `what is serialized is parsed back`() throws {
        var request = STUNMessage(.request, transactionID: STUNTransactionID(high: 1, low: 2))
        request.username = "abcd:efg"
        request.priority = 12345
        request.useCandidate = true
        request.iceControlling = 0x0123_4567_89AB_CDEF
        request.software = "golive"
        let parsed = try roundTrip(request)
        #expect(parsed.username == "abcd:efg")
        #expect(parsed.priority == 12345)
        #expect(parsed.useCandidate)
        #expect(parsed.iceControlling == 0x0123_4567_89AB_CDEF)
        #expect(parsed.software == "golive")

        var failure = request.response(.failure)
        failure.errorCode = .unknownAttribute
        failure.unknownAttributes = [0x7F01, 0x0003, 0x0031]
        let refused = try roundTrip(failure)
        #expect(refused.class == .failure)
        #expect(refused.transactionID == request.transactionID)
        #expect(refused.errorCode == .unknownAttribute)
        #expect(refused.unknownAttributes == [0x7F01, 0x0003, 0x0031])

        for text in ["1.2.3.4", "2001:db8::7"] {
            var success = request.response(.success)
            success.xorMappedAddress = TransportAddress(text, port: 5000)
            #expect(try roundTrip(success).xorMappedAddress == TransportAddress(text, port: 5000))
        }
    }

    private func roundTrip(_ message: STUNMessage) throws -> STUNMessage {
        let bytes = message.serialize(integrityPassword: "secret secret secret")
        let parsed = try STUNMessage(parsing: bytes.span.bytes)
        #expect(parsed.verifyIntegrity(password: "secret secret secret"))
        #expect(parsed.verifyFingerprint())
        return parsed
    }

    @Test func `a message without integrity or fingerprint verifies neither`() throws {
        var header = Array(RFC5769.request[..<20])
        header[3] = 0
        let message = try STUNMessage(parsing: header.span.bytes)
        #expect(!message.verifyIntegrity(password: ""))
        #expect(!message.verifyFingerprint())
        let built = STUNMessage(.request, transactionID: message.transactionID)
        #expect(!built.verifyIntegrity(password: RFC5769.password))
    }

    @Test func `only attributes that must be understood are reported`() throws {
        let bytes = message(attributes: [0x7F, 0x01, 0, 0, 0xC0, 0x57, 0, 1, 9, 0, 0, 0, 0x80, 0x31, 0, 0])
        let parsed = try STUNMessage(parsing: bytes.span.bytes)
        #expect(parsed.notUnderstood == [0x7F01])
    }

    @Test func `what follows MESSAGE-INTEGRITY is not believed`() throws {
        var bytes = STUNMessage(.request, transactionID: STUNTransactionID(high: 0, low: 0))
            .serialize(integrityPassword: "password")
        bytes.removeLast(8)
        bytes += [0, 0x25, 0, 0]
        bytes[3] = UInt8(bytes.count - 20)
        let message = try STUNMessage(parsing: bytes.span.bytes)
        #expect(!message.useCandidate)
        #expect(message.verifyIntegrity(password: "password"))
    }

    @Test(
        arguments: [
            [0x00, 0x24, 0x00, 0x02, 1, 2, 0, 0],  // PRIORITY of two bytes
            [0x00, 0x06, 0x00, 0x02, 0xC3, 0x28, 0, 0],  // USERNAME that is not UTF-8
            [0x00, 0x08, 0x00, 0x04, 1, 2, 3, 4],  // MESSAGE-INTEGRITY of four bytes
            [0x80, 0x28, 0x00, 0x00],  // empty FINGERPRINT
            [0x00, 0x20, 0x00, 0x08, 0, 3, 0, 0, 1, 2, 3, 4],  // address of a third family
            [0x00, 0x09, 0x00, 0x04, 0, 0, 1, 0],  // ERROR-CODE 100
            [0x00, 0x06, 0x00, 0xFF],  // USERNAME longer than the message
        ] as [[UInt8]]) func `a malformed attribute is refused`(attributes: [UInt8])
    {
        let bytes = message(attributes: attributes)
        #expect(throws: ParseError.self) { _ = try STUNMessage(parsing: bytes.span.bytes) }
    }

    private func looksLikeSTUN(_ bytes: [UInt8]) -> Bool { STUNMessage.looksLikeSTUN(bytes.span.bytes) }
    private func localUfrag(_ bytes: [UInt8]) -> String? { STUNMessage.localUfrag(of: bytes.span.bytes) }

    private func message(attributes: [UInt8]) -> [UInt8] {
        [0, 1, 0, UInt8(attributes.count), 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 7, count: 12) + attributes
    }

    @Test(arguments: [RFC5769.request, RFC5769.ipv4Response, RFC5769.ipv6Response])
    func `a message cut at any byte is refused`(bytes: [UInt8]) {
        for length in 0..<bytes.count {
            let cut = Array(bytes[..<length])
            #expect(throws: ParseError.self) { _ = try STUNMessage(parsing: cut.span.bytes) }
            _ = STUNMessage.looksLikeSTUN(cut.span.bytes)
            _ = STUNMessage.localUfrag(of: cut.span.bytes)
        }
        let longer = bytes + [0, 0, 0, 0]
        #expect(throws: ParseError.self) { _ = try STUNMessage(parsing: longer.span.bytes) }
    }

    @Test func `no mutation traps`() {
        var generator = ICESplitMix(seed: 1)
        for _ in 0..<20_000 {
            var bytes = [RFC5769.request, RFC5769.ipv6Response].randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = .random(in: 0...255, using: &generator)
            }
            _ = STUNMessage.localUfrag(of: bytes.span.bytes)
            if let message = try? STUNMessage(parsing: bytes.span.bytes) {
                _ = message.verifyIntegrity(password: RFC5769.password)
                _ = message.verifyFingerprint()
                _ = message.serialize(integrityPassword: "p")
            }
        }
    }

    @Test func `the first byte and the cookie tell STUN from its neighbours`() {
        let request = RFC5769.request
        #expect(looksLikeSTUN(request))
        for first in [4, 20, 63, 128, 255] as [UInt8] {
            let other = [first] + request.dropFirst()
            #expect(!looksLikeSTUN(other))
        }
        var noCookie = request
        noCookie[5] = 0
        #expect(!looksLikeSTUN(noCookie))
    }

    @Test func `the receiver's fragment is found without parsing the rest`() {
        let request = RFC5769.request
        let response = RFC5769.ipv4Response
        #expect(localUfrag(request) == "evtj")
        #expect(localUfrag(response) == nil)
        let noColon = message(attributes: [0, 6, 0, 4, 65, 66, 67, 68])
        #expect(localUfrag(noColon) == nil)
    }
}
