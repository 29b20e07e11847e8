import Media

/// Deadlines of a worker's transports, soonest first: a binary heap in which an outdated entry is skipped when it
/// comes up, since the owner's current deadline is asked then.
struct TimerQueue {
    private struct Entry {
        var deadline: Instant
        var id: TransportID
    }

    private var heap: [Entry] = []

    var soonest: Instant? { heap.first?.deadline }

    mutating func schedule(_ id: TransportID, at deadline: Instant) {
        heap.append(Entry(deadline: deadline, id: id))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the soonest entry that is due.
    mutating func popDue(at now: Instant) -> TransportID? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            siftDown()
        }
        return first.id
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].deadline < heap[smallest].deadline {
                smallest = child
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
