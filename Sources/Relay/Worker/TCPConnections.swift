import Media

/// The TCP connections of one worker, and how many of them strangers may have.
///
/// Caps: `maximumConnections` in all. One that has not passed a connectivity check waits at most `patience`; of those,
/// one address (in IPv6 one /64, which one peer has to itself) may have `maximumWaitingOfOne`, and when there are
/// `maximumWaiting` the longest waiting makes room. How many a session has once it passed a check, its ICE agent limits.
final class TCPConnections {
    static let maximumConnections = 4096
    static let maximumWaiting = 512
    static let maximumWaitingOfOne = 32
    /// A client sends its first check as soon as it is connected.
    static let patience = Duration.seconds(5)

    private var connections: [UInt32: TCPConnection] = [:]
    /// Those without a check yet, the longest waiting first.
    private var waiting: [UInt32] = []
    /// Those that something was written to since the last flush.
    private var written: [TCPConnection] = []
    private var nextNumber: UInt32
    private let firstNumber: UInt32
    private let poller: Poller

    /// Numbers of connections begin with the worker's own, so that they mean the same on every worker.
    private static let numbersPerWorker = UInt32.max / UInt32(WorkerPool.maximumWorkers)

    init(worker: Int, poller: Poller) {
        self.poller = poller
        firstNumber = UInt32(worker) * Self.numbersPerWorker + 1
        nextNumber = firstNumber
    }

    var count: Int { connections.count }

    var all: some Collection<TCPConnection> { connections.values }

    subscript(_ number: UInt32) -> TCPConnection? { connections[number] }

    enum Admission {
        case admitted(TCPConnection, inPlaceOf: TCPConnection?)
        case refused
    }

    /// Takes a connection that was just accepted, unless a cap is reached.
    func admit(_ socket: TCPSocket, from address: TransportAddress, now: Instant) -> Admission {
        let ofOne = waiting.count { connections[$0].map { $0.address.isNear(address) } ?? false }
        guard ofOne < Self.maximumWaitingOfOne else { return .refused }
        var displaced: TCPConnection?
        if waiting.count >= Self.maximumWaiting { displaced = connections[waiting[0]] }
        guard displaced != nil || connections.count < Self.maximumConnections else { return .refused }
        if let displaced { remove(displaced) }
        let connection = TCPConnection(socket, address: address.over(tcpConnection: takeNumber()), accepted: now)
        add(connection)
        return .admitted(connection, inPlaceOf: displaced)
    }

    /// Takes a connection from another worker; nil when the cap is reached.
    func adopt(_ handover: TCPHandover) -> TCPConnection? {
        guard connections.count < Self.maximumConnections else { return nil }
        let connection = TCPConnection(handover.socket, address: handover.address, accepted: handover.accepted)
        add(connection)
        return connection
    }

    private func add(_ connection: TCPConnection) {
        connections[connection.number] = connection
        waiting.append(connection.number)
        poller.add(connection.socket.descriptor, as: connection.number)
    }

    /// The connection passed a check.
    func settle(_ connection: TCPConnection) {
        waiting.removeAll { $0 == connection.number }
    }

    /// Forgets a connection; its socket is closed with its last owner, which may be another worker by then.
    func remove(_ connection: TCPConnection) {
        connection.flush()
        poller.remove(connection.socket.descriptor)
        connections[connection.number] = nil
        waiting.removeAll { $0 == connection.number }
    }

    private func takeNumber() -> UInt32 {
        repeat {
            nextNumber = nextNumber - firstNumber + 1 < Self.numbersPerWorker ? nextNumber + 1 : firstNumber
        } while connections[nextNumber] != nil
        return nextNumber
    }

    // MARK: - Sending

    /// Leaves a packet for a connection; false when it is gone or takes no more.
    func send(_ packet: UnsafeMutableRawPointer, _ length: Int, to number: UInt32) -> Bool {
        guard let connection = connections[number] else { return false }
        if !connection.hasOutput { written.append(connection) }
        return connection.append(packet, length)
    }

    /// Hands what `send` left to the kernel, as far as it takes it.
    func flush() {
        for connection in written { flush(connection) }
        written.removeAll(keepingCapacity: true)
    }

    /// Writes what waits for a connection, and has the worker woken when there is room for the rest. One that is broken
    /// shows when it is read from.
    func flush(_ connection: TCPConnection) {
        connection.flush()
        guard connection.hasOutput != connection.awaitsRoom else { return }
        connection.awaitsRoom = connection.hasOutput
        poller.setAwaitsRoom(connection.socket.descriptor, as: connection.number, connection.awaitsRoom)
    }
}

/// A connection on its way to the worker where its session lives, with what was read of it: whole frames and the
/// beginning of another.
struct TCPHandover: Sendable {
    var socket: TCPSocket
    var address: TransportAddress
    var accepted: Instant
    var bytes: [UInt8]
}

extension TransportAddress {
    /// Whether both are of one peer for all one can see: one IPv4 address, or one /64 of IPv6.
    fileprivate func isNear(_ other: TransportAddress) -> Bool {
        isIPv4 == other.isIPv4 && high == other.high && (!isIPv4 || low == other.low)
    }
}
