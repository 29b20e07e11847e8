/// The name of one update: which log it is of, and its place there. A log gets another epoch each time it is begun, so that
/// an id from before a restart, or of another host, is known to be foreign.
struct EventID: Sendable, Hashable {
    /// Random.
    var epoch: UInt64
    /// Grows by one with each update of the log; 0: before the first.
    var number: UInt64

    init(epoch: UInt64, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }

    /// Nil for what `text` did not make.
    init?(parsing text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = UInt64(parts[0], radix: 16), let number = UInt64(parts[1]) else {
            return nil
        }
        self.init(epoch: epoch, number: number)
    }

    var text: String { "\(String(epoch, radix: 16))-\(number)" }
}
