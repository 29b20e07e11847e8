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

    /// A ring of `count` ranges up to `newest`, which is open-ended.
    private var ranges = InlineArray<32, Range>(repeating: Range(first: 0, end: 0, offset: 0))
    private var newest = 0
    private var count = 0
    /// The highest source number mapped or skipped.
    private var highest: Int64 = 0
    /// The highest number given out.
    package private(set) var last: Int64

    /// - Parameter first: the number that the first one mapped will get.
    package init(first: Int64) {
        last = first - 1
    }

    /// From here on `source` and what follows it continue right after the highest number given out.
    package mutating func restart(at source: Int64) {
        count = 1
        newest = 0
        ranges[0] = Range(first: source, end: .max, offset: source - (last + 1))
        highest = source - 1
    }

    /// Whether `source` is beyond everything seen so far.
    package func isNew(_ source: Int64) -> Bool { source > highest }

    /// The number for `source`; nil when it was skipped, is from before the start or too old to be remembered.
    package mutating func map(_ source: Int64) -> Int64? {
        guard count > 0 else { return nil }
        if source > highest {
            highest = source
            let number = source - ranges[newest].offset
            last = number
            return number
        }
        guard let number = remembered(source) else { return nil }
        last = max(last, number)
        return number
    }

    /// Leaves `source` out. When a gap has been left for it already, returns the number which that gap has.
    package mutating func skip(_ source: Int64) -> Int64? {
        guard count > 0 else { return nil }
        guard source > highest else {
            guard let number = remembered(source) else { return nil }
            last = max(last, number)
            return number
        }
        highest = source
        if ranges[newest].first == source {
            ranges[newest].first += 1
            ranges[newest].offset += 1
            return nil
        }
        let offset = ranges[newest].offset
        ranges[newest].end = source
        newest = (newest + 1) % Self.capacity
        ranges[newest] = Range(first: source + 1, end: .max, offset: offset + 1)
        count = min(count + 1, Self.capacity)
        return nil
    }

    private func remembered(_ source: Int64) -> Int64? {
        var index = newest
        for _ in 0..<count {
            let range = ranges[index]
            if source >= range.first { return source < range.end ? source - range.offset : nil }
            index = index == 0 ? Self.capacity - 1 : index - 1
        }
        return nil
    }
}
