import Testing

@testable import Media

/// Two sessions and the wire between them, in simulated time: every datagram takes 10 ms, and `loses` decides which never
/// arrive.
final class SimulatedLink {
    enum Side: Int, CaseIterable {
        case client
        case server

        var other: Side { self == .client ? .server : .client }
    }

    let sessions: [DTLSSession]
    private(set) var now = Instant(nanoseconds: 5_000_000_000)
    private(set) var events: [[DTLSSession.Event]] = [[], []]
    /// Outputs with datagrams, a side.
    private(set) var flights = [0, 0]
    /// Datagrams sent by either side, the lost ones too.
    private(set) var sent = 0
    private(set) var flightTimes: [[Instant]] = [[], []]
    private var inFlight: [(at: Instant, to: Side, datagram: [UInt8])] = []
    private let loses: (_ side: Side, _ flight: Int, _ datagram: Int) -> Bool

    init(
        client: DTLSSession, server: DTLSSession,
        loses: @escaping (_ side: Side, _ flight: Int, _ datagram: Int) -> Bool = { _, _, _ in false }
    ) {
        sessions = [client, server]
        self.loses = loses
    }

    convenience init(
        clientProfiles: [SRTPProfile] = SRTPProfile.preference,
        loses: @escaping (_ side: Side, _ flight: Int, _ datagram: Int) -> Bool = { _, _, _ in false }
    ) throws {
        let (a, b) = (try DTLSCertificate(now: 1_800_000_000), try DTLSCertificate(now: 1_800_000_000))
        let start = Instant(nanoseconds: 5_000_000_000)
        let client = DTLSSession(
            role: .client, certificate: a, peerFingerprint: b.fingerprint, profiles: clientProfiles, now: start)
        let server = DTLSSession(role: .server, certificate: b, peerFingerprint: a.fingerprint, now: start)
        self.init(client: client, server: server, loses: loses)
    }

    var client: DTLSSession { sessions[0] }
    var server: DTLSSession { sessions[1] }

    func take(_ output: DTLSSession.Output, from side: Side) {
        events[side.rawValue] += output.events
        guard !output.datagrams.isEmpty else { return }
        flightTimes[side.rawValue].append(now)
        for datagram in output.datagrams {
            if !loses(side, flights[side.rawValue], sent) {
                inFlight.append((now + .milliseconds(10), side.other, datagram))
            }
            sent += 1
        }
        flights[side.rawValue] += 1
    }

    /// Starts the client and runs until nothing is under way and nobody waits, or 60 s have passed.
    func run() {
        take(client.start(now: now), from: .client)
        settle()
    }

    func settle() {
        let end = now + .seconds(60)
        while now < end {
            let timeouts = sessions.compactMap(\.nextTimeout)
            guard let next = (inFlight.map(\.at) + timeouts).min() else { return }
            now = max(now, next)
            if let first = inFlight.first, first.at <= now {
                inFlight.removeFirst()
                take(sessions[first.to.rawValue].receive(first.datagram, now: now), from: first.to)
            } else {
                for side in Side.allCases { take(sessions[side.rawValue].advance(to: now), from: side) }
            }
        }
    }

    /// The keys that each side ended with, where both have connected and nothing else happened.
    func keys() -> (client: SRTPKeys, server: SRTPKeys)? {
        guard events[0].count == 1, events[1].count == 1,
            case .connected(let client) = events[0][0], case .connected(let server) = events[1][0]
        else { return nil }
        return (client, server)
    }
}

extension Array where Element == UInt8 {
    /// From hexadecimal digits; anything else between them is skipped.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

/// A generator that repeats: splitmix64.
struct DTLSTestGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Whole arrays, which unlike spans may stand in an expectation.
extension DTLSSession {
    func receive(_ datagram: [UInt8], now: Instant) -> Output { receive(datagram.span.bytes, now: now) }
    func send(_ applicationData: [UInt8]) -> Output { send(applicationData.span.bytes) }
}

extension DatagramKind {
    static func classify(_ datagram: [UInt8]) -> DatagramKind { classify(datagram.span.bytes) }
}
