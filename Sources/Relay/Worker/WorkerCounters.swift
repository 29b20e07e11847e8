/// What a worker counts. Plain numbers in place, added to on the packet path and copied out on request: an array would
/// make the next packet after each request pay for a copy of its own.
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
    /// Times a viewer was started from a keyframe that was there already, and packets sent to bring viewers to what is
    /// live.
    var cachedStarts: UInt64 = 0
    var replayedPackets: UInt64 = 0
    /// What fan-outs that had fallen too far behind passed over, of each layer once a worker.
    var skippedPackets: UInt64 = 0
    /// Packets of padding to find out what viewers' lines carry.
    var probes: UInt64 = 0
    /// As it is when counted: tracks that viewers' lines have no room for, viewers who get less than they want, viewers
    /// whose line has shown what it carries, and how much that is together, in bits a second.
    var pausedTracks = 0
    var constrainedViewers = 0
    var knownLines = 0
    var knownBandwidth = 0
    /// TCP connections that are open now.
    var tcpConnections = 0
    var forwarding = LatencyHistogram()
    /// One for each `DropReason`.
    private var drops = InlineArray<18, UInt64>(repeating: 0)

    @inline(__always)
    mutating func count(_ reason: DropReason, _ packets: UInt64 = 1) {
        drops[reason.rawValue] &+= packets
    }

    subscript(_ reason: DropReason) -> UInt64 { drops[reason.rawValue] }

    mutating func add(_ line: ViewerLine) {
        pausedTracks += line.pausedTracks
        constrainedViewers += line.constraint == .none ? 0 : 1
        guard let rate = line.rate else { return }
        knownLines += 1
        knownBandwidth += rate
    }

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
        sum.cachedStarts += b.cachedStarts
        sum.replayedPackets += b.replayedPackets
        sum.skippedPackets += b.skippedPackets
        sum.probes += b.probes
        sum.pausedTracks += b.pausedTracks
        sum.constrainedViewers += b.constrainedViewers
        sum.knownLines += b.knownLines
        sum.knownBandwidth += b.knownBandwidth
        sum.tcpConnections += b.tcpConnections
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
    /// DTLS that has no place in its session: a handshake after the handshake, data before it, broken records.
    case dtlsRefused
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
    /// A datagram that came to another worker than its session's, which had not kept up with those before it.
    case strayOverrun
    case socketBufferFull
    case sendFailed
    /// A data message over the size or rate limit.
    case dataLimit
    /// A TCP connection over a limit, or without a connectivity check in time. Not a packet, but counted with them.
    case tcpRefused
    /// Asked for again by a viewer, but unknown, on its way already, or beyond what the viewer may have sent again.
    case retransmissionRefused
    /// A viewer's request for a keyframe that came too soon after its last ones, or for a track that is not being sent.
    case pictureLossRefused

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
