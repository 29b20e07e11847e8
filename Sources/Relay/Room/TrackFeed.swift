import Media
import Synchronization

/// A published track as workers share it: a ring of packets a layer, and who reads them.
final class TrackFeed: Sendable {
    let track: TrackID
    let publisher: TransportID
    let codec: TrackCodec
    let clockRate: Int
    /// Low to high.
    let rings: [PacketRing]
    /// A bit for each worker with viewers of the track.
    private let readers = Atomic<UInt64>(0)

    init(track: TrackID, publisher: TransportID, codec: TrackCodec, clockRate: Int, layerCount: Int) {
        self.track = track
        self.publisher = publisher
        self.codec = codec
        self.clockRate = clockRate
        rings = (0..<layerCount).map { _ in PacketRing(capacity: codec.isVideo ? 1024 : 256) }
    }

    func setReading(_ isReading: Bool, worker: Int) {
        let bit: UInt64 = 1 << UInt64(worker)
        if isReading {
            readers.bitwiseOr(bit, ordering: .releasing)
        } else {
            readers.bitwiseAnd(~bit, ordering: .releasing)
        }
    }

    /// The workers that read it, as bits.
    @inline(__always)
    var readingWorkers: UInt64 { readers.load(ordering: .relaxed) }
}
