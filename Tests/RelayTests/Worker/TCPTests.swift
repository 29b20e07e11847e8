import Glibc
import Media
import Testing

@testable import Relay

@Suite struct TCPOutputTests {
    /// Two ends of a connection, the first with a small buffer.
    private static func pair() -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        var size: Int32 = 8 << 10
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        return (ends[0], ends[1])
    }

    @Test func `a slow reader gets whole packets in order, and those without room are lost whole`() throws {
        let (near, far) = Self.pair()
        defer {
            close(near)
            close(far)
        }
        var output = TCPOutput()
        var reader = FrameReader()
        var read: [UInt32] = []
        var taken: [UInt32] = []
        let packet = UnsafeMutableRawPointer.allocate(byteCount: 1200, alignment: 8)
        defer { packet.deallocate() }
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 8)
        defer { bytes.deallocate() }
        func readSome() throws -> Int {
            let count = recv(far, bytes, Int.random(in: 1...8192), Int32(MSG_DONTWAIT))
            var input = UnsafeRawBufferPointer(start: bytes, count: max(0, count))
            while let length = try reader.next(in: &input) {
                #expect(length >= 4)
                read.append(reader.packet.load(as: UInt32.self))
            }
            return count
        }
        for number in UInt32(0)..<2000 {
            packet.storeBytes(of: number, as: UInt32.self)
            if output.append(packet, Int.random(in: 4...1200)) { taken.append(number) }
            output.write(to: near)
            if number % 9 == 0 { _ = try readSome() }
        }
        #expect(taken.count < 2000)
        while !output.isEmpty {
            _ = try readSome()
            output.write(to: near)
        }
        while try readSome() > 0 {}
        #expect(read == taken)
    }
}

@Suite struct TCPConnectionsTests {
    private static let now = Instant(nanoseconds: 0)

    private static func socket() -> TCPSocket {
        TCPSocket(descriptor: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    }

    private static func isAdmitted(_ admission: TCPConnections.Admission) -> Bool {
        if case .admitted = admission { true } else { false }
    }

    @Test func `one address has few connections without a check, others are not affected`() throws {
        let connections = TCPConnections(worker: 1, poller: try Poller())
        let one = TransportAddress(ipv4: (192, 0, 2, 1), port: 1)
        for _ in 0..<TCPConnections.maximumWaitingOfOne {
            #expect(Self.isAdmitted(connections.admit(Self.socket(), from: one, now: Self.now)))
        }
        #expect(!Self.isAdmitted(connections.admit(Self.socket(), from: one, now: Self.now)))
        let other = TransportAddress(ipv4: (192, 0, 2, 2), port: 1)
        #expect(Self.isAdmitted(connections.admit(Self.socket(), from: other, now: Self.now)))
        connections.settle(try #require(connections.all.first { $0.address.isIPv4 && $0.address.ipv4 == one.ipv4 }))
        #expect(Self.isAdmitted(connections.admit(Self.socket(), from: one, now: Self.now)))
    }

    @Test func `the addresses of one IPv6 network count as one`() throws {
        let connections = TCPConnections(worker: 0, poller: try Poller())
        for low in 0..<UInt64(TCPConnections.maximumWaitingOfOne) {
            _ = connections.admit(Self.socket(), from: TransportAddress(ipv6: 7, low, port: 1), now: Self.now)
        }
        #expect(
            !Self.isAdmitted(
                connections.admit(Self.socket(), from: TransportAddress(ipv6: 7, 99, port: 1), now: Self.now)))
        #expect(
            Self.isAdmitted(
                connections.admit(Self.socket(), from: TransportAddress(ipv6: 8, 99, port: 1), now: Self.now)))
    }

    @Test func `of too many strangers the longest waiting makes room`() throws {
        let connections = TCPConnections(worker: 0, poller: try Poller())
        var first: TCPConnection?
        for index in 0..<UInt32(TCPConnections.maximumWaiting) {
            let address = TransportAddress(ipv4: index / 8, port: 1)
            guard
                case .admitted(let connection, inPlaceOf: nil) =
                    connections.admit(Self.socket(), from: address, now: Self.now)
            else {
                Issue.record("refused number \(index)")
                return
            }
            if index == 0 { first = connection }
        }
        let newcomer = TransportAddress(ipv4: (192, 0, 2, 1), port: 1)
        guard
            case .admitted(_, inPlaceOf: let displaced?) =
                connections.admit(Self.socket(), from: newcomer, now: Self.now)
        else {
            Issue.record("nobody made room")
            return
        }
        #expect(displaced === first)
        #expect(connections.count == TCPConnections.maximumWaiting)
        #expect(connections[try #require(first).number] == nil)
    }

    @Test func `a worker has only so many connections, also of those who passed a check`() throws {
        let connections = TCPConnections(worker: 0, poller: try Poller())
        // More than a process may have open: nothing is read of these.
        let none = { TCPSocket(descriptor: -1) }
        for index in 0..<UInt32(TCPConnections.maximumConnections) {
            let admission = connections.admit(none(), from: TransportAddress(ipv4: index, port: 1), now: Self.now)
            guard case .admitted(let connection, inPlaceOf: nil) = admission else {
                Issue.record("refused number \(index)")
                return
            }
            connections.settle(connection)
        }
        let other = TransportAddress(ipv4: (192, 0, 2, 1), port: 1)
        #expect(!Self.isAdmitted(connections.admit(none(), from: other, now: Self.now)))
        #expect(connections.adopt(TCPHandover(socket: none(), address: other, accepted: Self.now, bytes: [])) == nil)
    }

    @Test func `a connection's number is one worker's alone`() throws {
        let address = TransportAddress(ipv4: (192, 0, 2, 1), port: 1)
        var numbers: Set<UInt32> = []
        for worker in 0..<WorkerPool.maximumWorkers {
            let connections = TCPConnections(worker: worker, poller: try Poller())
            for _ in 0..<3 {
                guard
                    case .admitted(let connection, _) =
                        connections.admit(Self.socket(), from: address, now: Self.now)
                else { continue }
                numbers.insert(connection.number)
            }
        }
        #expect(numbers.count == 3 * WorkerPool.maximumWorkers)
        #expect(!numbers.contains(Poller.other) && !numbers.contains(Poller.listener))
    }
}
