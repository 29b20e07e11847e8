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
    /// What each layer takes on the line.
    let rates: [LayerRates]
    /// Packets: more than six seconds at 2.5 Mbit/s, so that a keyframe `CatchUp.maximumAge` old is still there.
    private static let videoCapacity = 2048
    /// A bit for each worker with viewers of the track.
    private let readers = Atomic<UInt64>(0)

    init(track: TrackID, publisher: TransportID, codec: TrackCodec, clockRate: Int, layerCount: Int) {
        self.track = track
        self.publisher = publisher
        self.codec = codec
        self.clockRate = clockRate
        rates = (0..<layerCount).map { _ in LayerRates() }
        rings = (0..<layerCount).map { _ in PacketRing(capacity: codec.isVideo ? Self.videoCapacity : 256) }
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
