import CSocket
import Glibc
import Media

/// Media over TCP: accepting, reading and closing connections. What they carry takes the same way as datagrams do, with
/// an address that names the connection.
extension Worker {
    /// Looks after what the last wait found: each connection gives one piece, so that none holds up the others.
    func receiveStreams() {
        for number in poller.ready {
            if number == Poller.listener {
                acceptStreams()
            } else if let connection = streams[number] {
                if connection.awaitsRoom { streams.flush(connection) }
                receive(from: connection)
                forward()
            }
        }
    }

    /// Accepted at once, before others get their turn.
    private static let acceptsPerTurn = 64

    private func acceptStreams() {
        let now = Clock.now()
        for _ in 0..<Self.acceptsPerTurn {
            switch listener?.accept() {
            case .connection(let socket, let address):
                switch streams.admit(socket, from: address, now: now) {
                case .admitted(_, inPlaceOf: nil): break
                case .admitted(_, inPlaceOf: .some), .refused: outbox.counters.count(.tcpRefused)
                }
            case .exhausted:
                // Polling on would only find the same: the next tick tries again.
                if let listener { poller.remove(listener.descriptor) }
                return
            case .none?, nil: return
            }
        }
    }

    private func receive(from connection: TCPConnection) {
        let count = piece.read(connection.socket.descriptor)
        guard count != 0 else { return close(connection) }
        guard count > 0 else {
            if errno != EAGAIN, errno != EWOULDBLOCK, errno != EINTR { close(connection) }
            return
        }
        outbox.counters.bytesIn &+= UInt64(count)
        take(UnsafeRawBufferPointer(start: piece.start, count: count), from: connection, now: Clock.now())
    }

    /// Takes what came over a connection; the first thing must be a connectivity check that a session here, or on another
    /// worker, accepts.
    private func take(_ bytes: UnsafeRawBufferPointer, from connection: TCPConnection, now: Instant) {
        var input = bytes
        do throws(ParseError) {
            while let length = try connection.reader.next(in: &input) {
                outbox.counters.packetsIn &+= 1
                accept(connection.reader.packet, length, from: connection.address, arrival: now, now: now)
                if let home = connection.nextHome {
                    // What was half written to the peer cannot go along; only a stranger, with nothing, moves.
                    guard !connection.hasOutput else { return close(connection) }
                    streams.remove(connection)
                    home.post(.adopt(TCPHandover(connection, packetLength: length, rest: input)))
                    return
                }
                if byAddress[connection.address] == nil { return close(connection) }
            }
        } catch {
            outbox.counters.count(.malformed)
            close(connection)
        }
    }

    func adopt(_ handover: TCPHandover, now: Instant) {
        guard let connection = streams.adopt(handover) else { return outbox.counters.count(.tcpRefused) }
        handover.bytes.withUnsafeBytes { take($0, from: connection, now: now) }
    }

    /// Once a second: closes connections that are of no session (of strangers after a while, and of sessions that are gone
    /// or know them no more), and listens again where descriptors had run out.
    func tendStreams(_ now: Instant) {
        if let listener { poller.add(listener.descriptor, as: Poller.listener) }
        for connection in streams.all
        where byAddress[connection.address] == nil && now - connection.accepted > TCPConnections.patience {
            outbox.counters.count(.tcpRefused)
            streams.remove(connection)
        }
    }

    /// What was counted so far, and what is open now.
    var counted: WorkerCounters {
        var counters = outbox.counters
        counters.tcpConnections = streams.count
        for connection in connections.values { counters.add(connection.outgoing.line) }
        return counters
    }

    private func close(_ connection: TCPConnection) {
        streams.remove(connection)
        guard let session = byAddress.removeValue(forKey: connection.address) else { return }
        session.addresses.removeAll { $0 == connection.address }
        session.transport.forget(connection.address)
    }
}

extension TCPHandover {
    /// - Parameter packetLength: of the packet that was read last, which the next home is to see again.
    fileprivate init(_ connection: TCPConnection, packetLength: Int, rest: UnsafeRawBufferPointer) {
        let size = FrameReader.headerSize + packetLength
        let frame = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            FrameReader.writeHeader(length: packetLength, to: buffer.baseAddress!)
            UnsafeMutableRawPointer(buffer.baseAddress! + FrameReader.headerSize)
                .copyMemory(from: connection.reader.packet, byteCount: packetLength)
            count = size
        }
        self.init(
            socket: connection.socket, address: connection.address, accepted: connection.accepted,
            bytes: frame + rest)
    }
}

/// The memory that a worker reads one piece of a TCP connection into.
final class StreamPiece {
    /// Bytes: about as many packets as one batch of datagrams.
    static let size = 64 << 10

    let start = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)

    deinit { start.deallocate() }

    /// The next piece of a connection: its bytes, 0 at its end, or -1 with errno.
    func read(_ descriptor: Int32) -> Int {
        recv(descriptor, start, Self.size, Int32(MSG_DONTWAIT))
    }
}
