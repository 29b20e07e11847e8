import CSocket
import Glibc
import Media

/// Where other threads leave commands for a worker, and what wakes it. Reading is the worker's alone.
final class Mailbox: Sendable {
    /// Readable when there is something to fetch or `wake` was called; the worker polls it.
    let descriptor: Int32
    private let commands = Locked<[WorkerCommand]>([])

    init() throws(RelayStartError) {
        descriptor = golive_eventfd()
        guard descriptor >= 0 else { throw RelayStartError("eventfd", errno) }
    }

    deinit { close(descriptor) }

    func post(_ command: WorkerCommand) {
        let wasEmpty = commands.withLock { commands in
            commands.append(command)
            return commands.count == 1
        }
        if wasEmpty { wake() }
    }

    /// Commands that may wait when a datagram for another worker comes. What strangers send beyond that is dropped, as it
    /// is by a socket whose buffer is full.
    static let strayLimit = 1024

    /// A datagram that came to another worker; false when too much waits.
    func post(stray bytes: [UInt8], from sender: TransportAddress, arrival: Instant) -> Bool {
        let before = commands.withLock { commands in
            guard commands.count < Self.strayLimit else { return Self.strayLimit }
            commands.append(.stray(bytes: bytes, sender: sender, arrival: arrival))
            return commands.count - 1
        }
        if before == 0 { wake() }
        return before < Self.strayLimit
    }

    /// Makes the worker look around: at its mailbox, and at the rings it reads.
    func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// All commands so far, in order. Resets the wake-up first, so that none is missed.
    func fetch() -> [WorkerCommand] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}
