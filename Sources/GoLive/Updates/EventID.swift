/// How far a listener has heard: the number of the newest update that was sent to them. Numbers count the updates of all
/// hosts; what they listen to is in the epoch, so that an id from before a restart, or of other hosts, is known to be
/// foreign.
struct EventID: Sendable, Hashable {
    /// See `UpdateScope.epoch(seed:)`.
    var epoch: UInt64
    /// 0: before the first.
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
