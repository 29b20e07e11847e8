/// What a worker counts. Plain numbers, added to on the packet path and copied out on request.
struct WorkerCounters: Sendable {
    var packetsIn: UInt64 = 0
    var bytesIn: UInt64 = 0
    var packetsOut: UInt64 = 0
    var bytesOut: UInt64 = 0
    /// Packets asked for again: by viewers, and from publishers.
    var nacksReceived: UInt64 = 0
    var nacksSent: UInt64 = 0
    var pictureLossReceived: UInt64 = 0
    var keyframeRequestsSent: UInt64 = 0
    var retransmissions: UInt64 = 0
    var forwarding = LatencyHistogram()
    private var drops = [UInt64](repeating: 0, count: DropReason.allCases.count)

    @inline(__always)
    mutating func count(_ reason: DropReason, _ packets: UInt64 = 1) {
        drops[reason.rawValue] &+= packets
    }

    subscript(_ reason: DropReason) -> UInt64 { drops[reason.rawValue] }

    static func + (a: WorkerCounters, b: WorkerCounters) -> WorkerCounters {
        var sum = a
        sum.packetsIn += b.packetsIn
        sum.bytesIn += b.bytesIn
        sum.packetsOut += b.packetsOut
        sum.bytesOut += b.bytesOut
        sum.nacksReceived += b.nacksReceived
        sum.nacksSent += b.nacksSent
        sum.pictureLossReceived += b.pictureLossReceived
        sum.keyframeRequestsSent += b.keyframeRequestsSent
        sum.retransmissions += b.retransmissions
        sum.forwarding = a.forwarding + b.forwarding
        for i in sum.drops.indices { sum.drops[i] += b.drops[i] }
        return sum
    }
}

/// Why a datagram or packet went no further.
enum DropReason: Int, CaseIterable, Sendable {
    /// Neither STUN, DTLS, RTP nor RTCP, or cut by the kernel.
    case notRecognised
    /// From an address that passed no connectivity check.
    case unknownAddress
    /// A connectivity check without a known ufrag or a valid integrity.
    case stunRefused
    /// Media before the DTLS handshake finished.
    case noKeys
    case authentication
    case replay
    case malformed
    /// RTP that no negotiated track claims.
    case unknownStream
    /// A repeated, padding-only or hopelessly late packet.
    case notUseful
    /// A viewer's worker fell so far behind that the ring had been overwritten.
    case readerOverrun
    case socketBufferFull
    case sendFailed
    /// A data message over the size or rate limit.
    case dataLimit

    /// The case's name in snake case, as metrics label it.
    var label: String {
        var label = ""
        for character in "\(self)" {
            if character.isUppercase { label += "_" }
            label += character.lowercased()
        }
        return label
    }
}
