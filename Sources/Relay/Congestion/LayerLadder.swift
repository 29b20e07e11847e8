/// One way to send a video track to a viewer: a layer, and up to which of its temporal layers.
package struct LayerStep: Sendable, Hashable {
    package var layer: Int
    /// 0…3; 3 is all there are.
    package var temporalLayer: UInt8
    /// Bits a second.
    package var bitrate: Int

    package init(layer: Int, temporalLayer: UInt8, bitrate: Int) {
        self.layer = layer
        self.temporalLayer = temporalLayer
        self.bitrate = bitrate
    }

    /// Whether it looks better, whatever it costs.
    package func isBetter(than other: LayerStep) -> Bool {
        (layer, temporalLayer) > (other.layer, other.temporalLayer)
    }
}

extension LayerStep {
    /// Temporal layers of a stream at most, as VP8 numbers them.
    package static let temporalLayers = 4

    /// The ways to send a track, from the least to the best one wanted, each costlier than the one before.
    ///
    /// The lowest layer may lose frame rate down to its base; a higher one only half of it, for below that the next lower
    /// layer at full rate looks better. Temporal layers need no keyframe, so they also bridge the time to one.
    ///
    /// - Parameters:
    ///   - rates: bits a second of each layer, low to high; of its temporal layers each with those below it. All zero:
    ///     not being sent.
    ///   - wanted: the highest layer wanted.
    package static func ladder(
        _ rates: [InlineArray<4, Int>], upTo wanted: Int, hasTemporalLayers: Bool
    ) -> [LayerStep] {
        var steps: [LayerStep] = []
        for layer in rates.indices where layer <= wanted {
            let whole = rates[layer][temporalLayers - 1]
            guard whole > 0 else { continue }
            var cheaper: [LayerStep] = []
            if hasTemporalLayers {
                // The highest temporal layer that carries anything is the whole of it.
                var top = temporalLayers - 1
                while top > 0, rates[layer][top - 1] == whole { top -= 1 }
                let lowest = layer == 0 ? 0 : top - 1
                for temporal in stride(from: max(0, lowest), to: top, by: 1) where rates[layer][temporal] > 0 {
                    cheaper.append(
                        LayerStep(layer: layer, temporalLayer: UInt8(temporal), bitrate: rates[layer][temporal]))
                }
            }
            for step in cheaper + [LayerStep(layer: layer, temporalLayer: 3, bitrate: whole)] {
                // What costs no more and is better takes its place.
                while let last = steps.last, last.bitrate >= step.bitrate { steps.removeLast() }
                steps.append(step)
            }
        }
        return steps
    }
}
