package import Media

/// Which layers of a simulcast track its publisher is asked to send: all up to the highest that any viewer wants (LiveKit's
/// dynacast). More are asked for at once, fewer only when they were needed by nobody for `patience`, so that somebody
/// who changes windows costs no keyframe.
///
/// The lowest is always sent: a stream is live by its media, and thumbnails are taken from it, watched or not.
package struct LayerDemand: Sendable {
    /// With the second that may pass until the next review, five in all.
    package static let patience = Duration.seconds(4)

    package let layerCount: Int
    /// The highest layer that is asked for.
    package private(set) var top: Int
    private var unneededSince: Instant?

    /// A publisher begins with all layers.
    package init(layerCount: Int) {
        self.layerCount = layerCount
        top = layerCount - 1
    }

    /// A viewer wants `layer` and all below it; true when the publisher is to be told of more.
    package mutating func raise(to layer: Int) -> Bool {
        let layer = min(layer, layerCount - 1)
        guard layer > top else { return false }
        top = layer
        unneededSince = nil
        return true
    }

    /// - Parameter highest: the highest layer that anyone wants; nil: nobody wants any.
    /// - Returns: whether the publisher is to be told.
    package mutating func review(highest: Int?, now: Instant) -> Bool {
        let wanted = max(0, highest ?? 0)
        guard wanted < top else {
            unneededSince = nil
            return raise(to: wanted)
        }
        guard let since = unneededSince else {
            unneededSince = now
            return false
        }
        guard now - since >= Self.patience else { return false }
        top = wanted
        unneededSince = nil
        return true
    }

    /// As clients name layers: from the lowest quality.
    package var qualities: [VideoQuality: Bool] {
        Dictionary(
            uniqueKeysWithValues: (0..<layerCount).compactMap { layer in
                VideoQuality(rawValue: layer).map { ($0, layer <= top) }
            })
    }
}
