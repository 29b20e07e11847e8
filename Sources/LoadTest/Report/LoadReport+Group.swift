extension LoadReport {
    /// The viewers on lines of one kind.
    package struct Group: Sendable, Encodable {
        package var connected: Int
        /// Bits of payload a second and viewer.
        package var bitrate: Double
        package var lost: Int
        package var recovered: Int
        package var nacks: Int
        package var pictureLosses: Int
        package var freezes: Int
        package var frozenSeconds: Double
        /// How many viewers had a picture of this height at the end.
        package var heights: [String: Int]
        package var latency: Percentiles

        /// - Parameter hasBadLine: whether it is about the viewers on bad lines, or about all others.
        init(_ measured: LoadMeasurement, hasBadLine: Bool) {
            let isCounted = { (viewer: ViewerReport) in viewer.hasBadLine == hasBadLine }
            let viewers = measured.after.viewers.values.filter(isCounted)
            connected = viewers.count { $0.connected != nil }
            bitrate =
                Double(measured.during(\.bytes, where: isCounted)) * 8 / measured.seconds / Double(max(1, connected))
            lost = measured.after.sum(\.lost, where: isCounted)
            recovered = measured.after.sum(\.recovered, where: isCounted)
            nacks = measured.after.sum(\.nacks, where: isCounted)
            pictureLosses = measured.after.sum(\.pictureLosses, where: isCounted)
            freezes = measured.after.sum({ $0.isVideo ? $0.freezes : 0 }, where: isCounted)
            frozenSeconds = viewers.flatMap(\.streams).filter(\.isVideo).reduce(0) { $0 + $1.frozen }
            heights = [:]
            for viewer in viewers {
                heights["\(viewer.streams.map(\.height).max() ?? 0)", default: 0] += 1
            }
            let latency = measured.after.latency.since(measured.before.latency)
            self.latency = Percentiles(hasBadLine ? latency.bad : latency.good)
        }
    }
}
