/// Outgoing timestamps for frames of the past that are sent now. A receiver takes the first frame's arrival for the delay
/// of the path, so each frame is placed just before what is live at the moment it is sent: the time that is left to go is
/// shortened to a 32nd, about a millisecond a frame. At its end the timeline meets the live mapping.
///
/// A packet that comes late must get its frame's timestamp, so the last 16 frames are remembered; between and before
/// them places are interpolated.
struct ReplayTimeline: Sendable {
    private struct Frame: BitwiseCopyable, Sendable {
        var source: UInt32
        var outgoing: UInt32
    }

    private static let capacity = 16
    /// Clock units from one frame to the next at least: room for frames that come late in between.
    private static let leastStep: UInt32 = 8
    /// 2⁵: how much the past is shortened.
    private static let shift: Int32 = 5
    /// Clock units after the last replayed frame for which late packets are expected: two seconds at 90 kHz.
    private static let memory: Int32 = 180_000

    private var count = 0
    private var newest = 0
    private var frames = InlineArray<16, Frame>(repeating: Frame(source: 0, outgoing: 0))

    mutating func removeAll() { count = 0 }

    /// The outgoing timestamp of a frame.
    ///
    /// - Parameters:
    ///   - source: the frame's own timestamp.
    ///   - live: the source timestamp of what is live.
    ///   - offset: outgoing − source of what is live.
    ///   - floor: an outgoing timestamp that was used before this replay.
    mutating func place(_ source: UInt32, live: UInt32, offset: UInt32, after floor: UInt32?) -> UInt32 {
        if let outgoing = place(of: source) { return outgoing }
        let left = max(0, Int32(bitPattern: live &- source))
        var outgoing = source &+ offset &+ UInt32(left) &- UInt32(left >> Self.shift)
        if let floor = count > 0 ? frames[newest].outgoing : floor {
            let least = floor &+ Self.leastStep
            if Int32(bitPattern: outgoing &- least) < 0 { outgoing = least }
        }
        newest = (newest + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
        frames[newest] = Frame(source: source, outgoing: outgoing)
        return outgoing
    }

    /// The outgoing timestamp of a frame that is not newer than those replayed; nil for newer ones.
    func place(of source: UInt32) -> UInt32? {
        guard count > 0, Int32(bitPattern: source &- frames[newest].source) <= 0 else { return nil }
        var later = frames[newest]
        var index = newest
        for _ in 0..<count {
            let earlier = frames[index]
            let distance = Int64(Int32(bitPattern: source &- earlier.source))
            if distance == 0 { return earlier.outgoing }
            if distance > 0 {
                let span = Int64(Int32(bitPattern: later.source &- earlier.source))
                let room = Int64(Int32(bitPattern: later.outgoing &- earlier.outgoing))
                return earlier.outgoing &+ UInt32(truncatingIfNeeded: distance * room / span)
            }
            later = earlier
            index = index == 0 ? Self.capacity - 1 : index - 1
        }
        let before = Int32(bitPattern: later.source &- source)
        return later.outgoing &- UInt32(bitPattern: max(1, before >> Self.shift))
    }

    /// A live packet: late ones of the replayed past are expected for a while only.
    mutating func observe(live source: UInt32) {
        if count > 0, Int32(bitPattern: source &- frames[newest].source) > Self.memory { count = 0 }
    }
}
