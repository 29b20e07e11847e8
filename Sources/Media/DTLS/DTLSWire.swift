import COpenSSL

/// What OpenSSL's callbacks reach of one session: the datagram being read, the datagrams it wrote, its retransmission
/// timer, and whom it is to believe. A memory BIO would lose the bounds of datagrams; this one keeps them, and holds no
/// more than the one datagram that is being received.
///
/// **Time.** OpenSSL arms its retransmission timer from the system clock, but hands the BIO the address of the armed time
/// (`BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT`), as its own datagram BIO needs it. This BIO answers by moving that time out of the
/// system clock's reach, and `expireTimer` moves it into the past when the owner's clock says so: retransmission depends
/// on passed-in time only, while OpenSSL keeps choosing what to send again. From OpenSSL 3.2 the address is that of a
/// copy. There the timer runs by the system clock; since `interval(after:)` sets its length, live sessions behave alike.
final class DTLSWire {
    /// The datagram being received, until OpenSSL has read it.
    var inbound: UnsafeRawBufferPointer?
    var outbound: [[UInt8]] = []
    /// What was last heard of OpenSSL's retransmission timer.
    var timer = Timer.unchanged
    /// Microseconds until a flight is sent again, as OpenSSL was last told.
    private(set) var interval: UInt32 = 0
    /// The last encrypted record that OpenSSL wrote.
    private(set) var written: DTLSProtection.Written?
    private(set) var peerIsVerified = false
    private(set) var peerIsForged = false
    private let peerFingerprint: Fingerprint
    private var armed: UnsafeMutablePointer<timeval>?

    enum Timer {
        case unchanged
        case armed
        case stopped
    }

    init(peerFingerprint: Fingerprint) {
        self.peerFingerprint = peerFingerprint
    }

    /// Whether the timer follows passed-in time (OpenSSL before 3.2).
    static let ownsTimer = OpenSSL_version_num() < 0x3020_0000

    /// The first retransmission comes after 200 ms, unlike RFC 6347 §4.2.4.1's second: a viewer waits for it, and media
    /// follows at a rate that makes a spurious one nothing. Doubles to 2 s.
    static func interval(after previous: UInt32) -> UInt32 {
        previous == 0 ? 200_000 : min(previous * 2, 2_000_000)
    }

    /// Gives `ssl` the BIO and the callbacks that end here. `self` must outlive `ssl`.
    func attach(to ssl: OpaquePointer) {
        guard let bio = BIO_new(Self.method) else { preconditionFailure("out of memory") }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        SSL_set_bio(ssl, bio, bio)
        DTLS_set_timer_cb(ssl) { ssl, previous in
            let interval = DTLSWire.interval(after: previous)
            DTLSWire.of(bio: SSL_get_rbio(ssl))?.interval = interval
            return interval
        }
    }

    /// Makes OpenSSL find its timer expired when it is next asked.
    func expireTimer() {
        armed?.pointee = timeval(tv_sec: 1, tv_usec: 0)
    }

    /// For `SSL_CTX_set_cert_verify_callback`: the fingerprint decides, and nothing else about the certificate. Refusing
    /// here rather than after the handshake tells the peer why, with a bad_certificate alert.
    static let verifyPeer: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { store, _ in
        let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
        guard let ssl, let wire = of(bio: SSL_get_rbio(OpaquePointer(ssl))) else { return 0 }
        let expected = wire.peerFingerprint
        let hash = certificateHash(X509_STORE_CTX_get0_cert(store), algorithm: expected.algorithm)
        wire.peerIsVerified = hash == expected.bytes
        wire.peerIsForged = !wire.peerIsVerified
        X509_STORE_CTX_set_error(store, wire.peerIsVerified ? X509_V_OK : X509_V_ERR_CERT_REJECTED)
        return wire.peerIsVerified ? 1 : 0
    }

    private static func of(bio: OpaquePointer?) -> DTLSWire? {
        guard let bio, let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<DTLSWire>.fromOpaque(data).takeUnretainedValue()
    }

    /// The `BIO_METHOD` of every session: each write is a datagram, each read gives one.
    nonisolated(unsafe) private static let method: OpaquePointer = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram") else {
            preconditionFailure("out of memory")
        }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let wire = DTLSWire.of(bio: bio), let bytes, count > 0 else { return -1 }
            wire.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_read(method) { bio, buffer, capacity in
            golive_BIO_clear_retry_flags(bio)
            guard let wire = DTLSWire.of(bio: bio), let datagram = wire.inbound, let buffer else {
                golive_BIO_set_retry_read(bio)
                return -1
            }
            wire.inbound = nil
            let count = min(datagram.count, Int(capacity))
            UnsafeMutableRawBufferPointer(start: buffer, count: count).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: datagram.prefix(count)))
            return Int32(count)
        }
        BIO_meth_set_ctrl(method) { bio, command, _, argument in
            switch command {
            case BIO_CTRL_FLUSH: return 1
            case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
                DTLSWire.of(bio: bio)?.timerWasSet(argument?.assumingMemoryBound(to: timeval.self))
                return 1
            default: return 0
            }
        }
        return method
    }()

    private func write(_ datagram: UnsafeRawBufferPointer) {
        outbound.append(Array(datagram))
        DTLSRecord.forEachProtected(of: datagram.bytes) { record in
            guard record.fragment.count >= 8 else { return }
            let start = datagram.loadUnaligned(fromByteOffset: record.fragment.lowerBound, as: UInt64.self)
            written = DTLSProtection.Written(number: record.number, explicitNonce: UInt64(bigEndian: start))
        }
    }

    private func timerWasSet(_ time: UnsafeMutablePointer<timeval>?) {
        guard let time, time.pointee.tv_sec != 0 || time.pointee.tv_usec != 0 else {
            timer = .stopped
            return
        }
        timer = .armed
        guard Self.ownsTimer else { return }
        armed = time
        time.pointee.tv_sec = 1 << 40
    }
}
