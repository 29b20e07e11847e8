extension LayerSelector.Wanted {
    /// The highest layer that is wanted of a track whose layers have these pixels, low to high; nil: none. Where a size is
    /// not known or none is large enough, the highest.
    package func highestLayer(
        among sizes: some RandomAccessCollection<(width: Int, height: Int)?>
    ) -> Int? {
        switch self {
        case .nothing: return nil
        case .layer(let layer): return max(0, min(layer, sizes.count - 1))
        case .size(let width, let height):
            let fitting = sizes.enumerated().first { _, size in
                guard let size else { return false }
                // Either way up: a phone may turn after the size was announced.
                return min(size.width, size.height) >= min(width, height)
                    && max(size.width, size.height) >= max(width, height)
            }
            return fitting?.offset ?? sizes.count - 1
        }
    }
}
