/// Fragments of one message with consecutive TSNs.
struct SCTPFragmentRun {
    private(set) var first: Int64
    private(set) var last: Int64
    private(set) var begins: Bool
    private(set) var ends: Bool
    let stream: UInt16
    let sequence: UInt16
    let isUnordered: Bool
    /// The first fragment's once that is here.
    private(set) var ppid: UInt32
    private(set) var parts: [ArraySlice<UInt8>]
    /// Of all parts together.
    private(set) var byteCount: Int

    init(_ data: SCTPData, tsn: Int64) {
        first = tsn
        last = tsn
        begins = data.begins
        ends = data.ends
        stream = data.stream
        sequence = data.sequence
        isUnordered = data.isUnordered
        ppid = data.ppid
        parts = [data.payload]
        byteCount = data.payload.count
    }

    /// Whether `next` continues the same message without a gap.
    func precedes(_ next: SCTPFragmentRun) -> Bool {
        last + 1 == next.first && !ends && !next.begins && stream == next.stream && isUnordered == next.isUnordered
            && (isUnordered || sequence == next.sequence)
    }

    mutating func append(_ other: SCTPFragmentRun) {
        last = other.last
        ends = other.ends
        parts += other.parts
        byteCount += other.byteCount
    }

    /// Of the receive window, in bytes.
    var cost: Int { byteCount + parts.count * SCTPReceiver.fragmentOverhead }

    var payload: [UInt8] {
        if parts.count == 1 { return Array(parts[0]) }
        var payload: [UInt8] = []
        payload.reserveCapacity(byteCount)
        for part in parts { payload += part }
        return payload
    }
}
