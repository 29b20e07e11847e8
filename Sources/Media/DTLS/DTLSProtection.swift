import COpenSSL

/// The records of a connection whose handshake is over (RFC 6347 §4.1.2): application data and alerts, sealed and opened
/// with the keys that the handshake agreed on.
///
/// OpenSSL would do it too, but what it keeps for a session is 40 kB. A WebRTC session needs a key a direction, two
/// numbers and a replay window; there is no renegotiation, and no second epoch with keys. A context of OpenSSL's is made for
/// each record: next to what SCTP does with its content that costs little, and idle sessions are the most.
final class DTLSProtection {
    enum Content: UInt8 {
        case alert = 21
        case handshake = 22
        case applicationData = 23
    }

    /// The last record that was written before.
    struct Written {
        var number: UInt64
        /// The part of its nonce that it carried, where the cipher has one.
        var explicitNonce: UInt64
    }

    private static let tagLength = 16
    private static let epoch: UInt16 = 1
    private static let version: UInt16 = 0xfefd
    /// Numbers within a handshake that may have been heard.
    static let earlyNumbers: UInt64 = 64

    private let local: DTLSTrafficKey
    private let remote: DTLSTrafficKey
    private var written: Written
    private var window = ReplayWindow<3>()

    /// - Parameters:
    ///   - ssl: has finished its handshake.
    ///   - written: what it wrote last; the next record continues there, so that no nonce comes twice.
    ///   - heard: the numbers below `earlyNumbers`, as bits, that it may have read.
    init?(after ssl: OpaquePointer, role: DTLSRole, written: Written, heard: UInt64) {
        guard let keys = DTLSTrafficKey.pair(after: ssl, role: role) else { return nil }
        (local, remote) = keys
        self.written = written
        for number in 0..<Self.earlyNumbers where heard & 1 << number != 0 { window.take(number) }
    }

    /// A datagram with `content` as its one record; nil where OpenSSL fails, or all numbers are used up.
    func seal(_ content: RawSpan, as type: Content) -> [UInt8]? {
        guard written.number < 1 << 48 - 1 else { return nil }
        written.number += 1
        written.explicitNonce &+= 1
        let explicit = local.cipher.explicitLength
        let start = DTLSRecord.headerLength + explicit
        let length = explicit + content.byteCount + Self.tagLength
        var datagram = [UInt8](repeating: 0, count: DTLSRecord.headerLength + length)
        let place = UInt64(Self.epoch) << 48 | written.number
        datagram[0] = type.rawValue
        let isSealed = content.withUnsafeBytes { content in
            datagram.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: Self.version.bigEndian, toByteOffset: 1, as: UInt16.self)
                bytes.storeBytes(of: place.bigEndian, toByteOffset: 3, as: UInt64.self)
                bytes.storeBytes(of: UInt16(length).bigEndian, toByteOffset: 11, as: UInt16.self)
                if explicit > 0 {
                    bytes.storeBytes(of: written.explicitNonce.bigEndian, toByteOffset: 13, as: UInt64.self)
                }
                let text = bytes.baseAddress! + start
                text.copyMemory(from: content.baseAddress!, byteCount: content.count)
                let authenticated = Self.authenticated(place, type.rawValue, content.count)
                let nonce = local.nonce(explicit: written.explicitNonce, place: place)
                return local.withContext(isSealing: true) {
                    golive_EVP_seal(
                        $0, nonce, authenticated, Int32(authenticated.count), text, Int32(content.count),
                        text + content.count, Int32(Self.tagLength)) == 1
                }
            }
        }
        return isSealed ? datagram : nil
    }

    /// The records of `datagram` that are the peer's and were not taken before, in order.
    func open(_ datagram: RawSpan) -> [(type: Content, content: [UInt8])] {
        var opened: [(type: Content, content: [UInt8])] = []
        var reader = ByteReader(datagram)
        while !reader.isAtEnd, let record = try? DTLSRecord(parsing: &reader) {
            guard record.epoch == Self.epoch, record.version == Self.version, window.admits(record.number),
                let type = Content(rawValue: record.contentType),
                let content = open(datagram.extracting(record.fragment), of: record)
            else { continue }
            window.take(record.number)
            opened.append((type, content))
        }
        return opened
    }

    private func open(_ fragment: RawSpan, of record: DTLSRecord) -> [UInt8]? {
        let explicit = remote.cipher.explicitLength
        let count = fragment.byteCount - explicit - Self.tagLength
        guard count >= 0 else { return nil }
        let place = UInt64(record.epoch) << 48 | record.number
        let carried = explicit > 0 ? UInt64(bigEndian: fragment.unsafeLoadUnaligned(as: UInt64.self)) : 0
        let authenticated = Self.authenticated(place, record.contentType, count)
        let nonce = remote.nonce(explicit: carried, place: place)
        var text = fragment.extracting(droppingFirst: explicit).array
        let isRight = text.withUnsafeMutableBytes { bytes in
            remote.withContext(isSealing: false) {
                golive_EVP_open(
                    $0, nonce, authenticated, Int32(authenticated.count), bytes.baseAddress!, Int32(count),
                    bytes.baseAddress! + count, Int32(Self.tagLength)) == 1
            }
        }
        guard isRight else { return nil }
        text.removeLast(Self.tagLength)
        return text
    }

    /// What the tag covers besides the content (RFC 5246 §6.2.3.3).
    private static func authenticated(_ place: UInt64, _ type: UInt8, _ length: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(place)
        writer.write(type)
        writer.write(version)
        writer.write(UInt16(length))
        return writer.bytes
    }
}

extension DTLSTrafficKey {
    /// Salt and what the record carries (RFC 5288 §3), or the salt with the record's place added (RFC 7905 §2).
    fileprivate func nonce(explicit: UInt64, place: UInt64) -> [UInt8] {
        var nonce = salt
        switch cipher {
        case .aes128GCM, .aes256GCM: withUnsafeBytes(of: explicit.bigEndian) { nonce += $0 }
        case .chaCha20Poly1305:
            withUnsafeBytes(of: place.bigEndian) { for (index, byte) in $0.enumerated() { nonce[4 + index] ^= byte } }
        }
        return nonce
    }

    /// Lends a context with the key set.
    fileprivate func withContext(isSealing: Bool, _ body: (OpaquePointer) -> Bool) -> Bool {
        guard let context = EVP_CIPHER_CTX_new() else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        return EVP_CipherInit_ex(context, cipher.function, nil, key, nil, isSealing ? 1 : 0) == 1 && body(context)
    }
}
