/// Requests to reset streams, ours and the peer's (RFC 6525), one of ours at a time. Closing a data channel is a reset
/// of its outgoing stream from each side (RFC 8831 §6.7).
///
/// Ours are sent once everything on the stream is acknowledged, so that the peer can perform them at once.
struct SCTPStreamReset {
    /// RFC 6525 §4.4.
    enum Result {
        static let performed: UInt32 = 1
        static let denied: UInt32 = 2
        static let alreadyInProgress: UInt32 = 4
        static let wrongSequence: UInt32 = 5
        static let inProgress: UInt32 = 6
    }

    /// An Outgoing SSN Reset Request (RFC 6525 §4.1). No streams: all of them.
    struct Request: Equatable {
        var sequence: UInt32
        /// The peer's request that this answers, or the last one from it.
        var answers: UInt32
        var lastTSN: UInt32
        var streams: [UInt16]
    }

    /// Streams to reset when they are drained.
    var waiting: Set<UInt16> = []
    /// Sent and not answered.
    private(set) var outstanding: Request?
    private(set) var deadline: Instant?
    private var interval: Duration = .zero
    private(set) var failures = 0
    private var nextSequence: UInt32
    /// The peer's next request.
    private(set) var expected: UInt32
    /// What its last one was answered with.
    private var lastResult: UInt32?
    /// The peer's request that waits for data still missing.
    private(set) var deferred: Request?

    init(localInitialTSN: UInt32, peerInitialTSN: UInt32) {
        nextSequence = localInitialTSN
        expected = peerInitialTSN
    }

    // MARK: Ours

    mutating func begin(_ streams: [UInt16], lastTSN: UInt32, now: Instant, timeout: Duration) -> SCTPParameter {
        let request = Request(sequence: nextSequence, answers: expected &- 1, lastTSN: lastTSN, streams: streams)
        nextSequence &+= 1
        waiting.subtract(streams)
        outstanding = request
        failures = 0
        interval = timeout
        deadline = now + interval
        return request.parameter
    }

    /// At the deadline.
    mutating func again(now: Instant, limit: Duration) -> SCTPParameter? {
        guard let outstanding else { return nil }
        failures += 1
        interval = min(interval * 2, limit)
        deadline = now + interval
        return outstanding.parameter
    }

    /// Takes the answer with this sequence number, and returns the request if that is over.
    mutating func finish(sequence: UInt32, result: UInt32) -> Request? {
        guard let request = outstanding, request.sequence == sequence else { return nil }
        failures = 0
        // Asked again later.
        if result == Result.inProgress || result == Result.alreadyInProgress { return nil }
        outstanding = nil
        deadline = nil
        return request
    }

    // MARK: The peer's

    /// What to do with a request from the peer.
    enum Decision: Equatable {
        case perform(Request)
        case answer(UInt32)
    }

    mutating func receive(_ request: Request, isComplete: Bool) -> Decision {
        if request.sequence == expected &- 1, let lastResult { return .answer(lastResult) }
        guard request.sequence == expected else { return .answer(Result.wrongSequence) }
        expected &+= 1
        guard isComplete else {
            deferred = request
            lastResult = Result.inProgress
            return .answer(Result.inProgress)
        }
        deferred = nil
        lastResult = Result.performed
        return .perform(request)
    }

    /// For the requests that data channels do not use: answers them with `result` once each.
    mutating func receive(other sequence: UInt32, result: UInt32) -> UInt32 {
        if sequence == expected &- 1, let lastResult { return lastResult }
        guard sequence == expected else { return Result.wrongSequence }
        expected &+= 1
        lastResult = result
        return result
    }

    /// The missing data came.
    mutating func resume() -> Request? {
        defer { deferred = nil }
        if deferred != nil { lastResult = Result.performed }
        return deferred
    }
}

extension SCTPStreamReset.Request {
    init(parsing bytes: [UInt8]) throws(ParseError) {
        var reader = ByteReader(bytes.span.bytes)
        sequence = try reader.uint32()
        answers = try reader.uint32()
        lastTSN = try reader.uint32()
        streams = []
        while !reader.isAtEnd { streams.append(try reader.uint16()) }
    }

    var parameter: SCTPParameter {
        var writer = ByteWriter()
        writer.write(sequence)
        writer.write(answers)
        writer.write(lastTSN)
        for stream in streams { writer.write(stream) }
        return SCTPParameter(type: SCTPParameter.outgoingReset, value: writer.bytes)
    }
}
