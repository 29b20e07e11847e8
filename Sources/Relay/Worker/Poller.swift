import CSocket
import Glibc

/// What a worker waits on: its UDP socket, its mailbox, and whatever TCP it has. The first two are looked at after every
/// wait and are not told apart; of TCP it tells which connections have something to read or room to write.
final class Poller {
    /// Stand for themselves among the numbers of connections.
    static let other: UInt32 = 0
    static let listener = UInt32.max
    /// Found by one wait; the kernel goes round among more.
    private static let capacity = 64

    private let epoll: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    /// The listener and the connections that the last wait found.
    private(set) var ready: [UInt32] = []

    init() throws(RelayStartError) {
        events = .allocate(capacity: Self.capacity)
        ready.reserveCapacity(Self.capacity)
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw RelayStartError("epoll", errno) }
    }

    deinit {
        if epoll >= 0 { close(epoll) }
        events.deallocate()
    }

    /// Waits for something to read. False with errno; what is waited for already is left as it is.
    @discardableResult
    func add(_ descriptor: Int32, as number: UInt32 = other) -> Bool {
        control(EPOLL_CTL_ADD, descriptor, number, EPOLLIN.rawValue)
    }

    /// Waits for room to write as well, or no longer.
    func setAwaitsRoom(_ descriptor: Int32, as number: UInt32, _ awaitsRoom: Bool) {
        _ = control(
            EPOLL_CTL_MOD, descriptor, number, awaitsRoom ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue)
    }

    func remove(_ descriptor: Int32) {
        _ = control(EPOLL_CTL_DEL, descriptor, Self.other, 0)
    }

    func wait(milliseconds: Int32) {
        ready.removeAll(keepingCapacity: true)
        let count = epoll_wait(epoll, events, Int32(Self.capacity), milliseconds)
        for i in 0..<max(0, Int(count)) where events[i].data.u32 != Self.other { ready.append(events[i].data.u32) }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ number: UInt32, _ what: UInt32) -> Bool {
        var event = epoll_event()
        event.events = what
        event.data.u32 = number
        return epoll_ctl(epoll, operation, descriptor, &event) == 0
    }
}
