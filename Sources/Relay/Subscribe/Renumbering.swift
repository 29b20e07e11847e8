/// Numbers a source's packets (or pictures) anew: what is skipped on purpose leaves no gap, what was lost upstream keeps
/// its gap, so that it still fits when it comes late.
///
/// It remembers the last 32 ranges between skips; a late number within one of them gets the number that
/// was kept for it, and anything older, skipped or from before `restart` gets none. Numbers are unwrapped.
package struct Renumbering: Sendable {
    private struct Range: BitwiseCopyable, Sendable {
        var first: Int64
        var end: Int64
        /// Source number − outgoing number.
        var offset: Int64
    }

    private static let capacity = 32

    /// The highest source number mapped or skipped.
    private var highest: Int64 = 0
    /// The highest number given out.
    package private(set) var last: Int64
    /// The newest range, whose end is open; nil before the first `restart`.
    private var growing: (first: Int64, offset: Int64)?
    /// A ring of the ranges before it, up to `newest`. Most streams skip nothing, so that its memory is allocated with the
    /// first one that ends, and once.
    private var ended: [Range] = []
    private var newest = 0

    /// - Parameter first: the number that the first one mapped will get.
    package init(first: Int64) {
        last = first - 1
    }

    /// From here on `source` and what follows it continue right after the highest number given out.
    package mutating func restart(at source: Int64) {
        growing = (source, source - (last + 1))
        if !ended.isEmpty { ended.removeAll(keepingCapacity: true) }
        highest = source - 1
    }

    /// Whether `source` is beyond everything seen so far.
    package func isNew(_ source: Int64) -> Bool { source > highest }

    /// The number for `source`; nil when it was skipped, is from before the start or too old to be remembered.
    package mutating func map(_ source: Int64) -> Int64? {
        guard let growing else { return nil }
        if source > highest {
            highest = source
            let number = source - growing.offset
            last = number
            return number
        }
        guard let number = remembered(source) else { return nil }
        last = max(last, number)
        return number
    }

    /// Leaves `source` out. When a gap has been left for it already, returns the number which that gap has.
    package mutating func skip(_ source: Int64) -> Int64? {
        guard let growing else { return nil }
        guard source > highest else {
            guard let number = remembered(source) else { return nil }
            last = max(last, number)
            return number
        }
        highest = source
        if growing.first < source { end(growing, at: source) }
        self.growing = (source + 1, growing.offset + 1)
        return nil
    }

    private mutating func end(_ growing: (first: Int64, offset: Int64), at end: Int64) {
        let range = Range(first: growing.first, end: end, offset: growing.offset)
        guard ended.count == Self.capacity - 1 else {
            if ended.capacity < Self.capacity - 1 { ended.reserveCapacity(Self.capacity - 1) }
            newest = ended.count
            ended.append(range)
            return
        }
        newest = (newest + 1) % ended.count
        ended[newest] = range
    }

    private func remembered(_ source: Int64) -> Int64? {
        if let growing, source >= growing.first { return source - growing.offset }
        var index = newest
        for _ in ended.indices {
            let range = ended[index]
            if source >= range.first { return source < range.end ? source - range.offset : nil }
            index = index == 0 ? ended.count - 1 : index - 1
        }
        return nil
    }
}
