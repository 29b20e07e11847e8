/// Where a test stands.
package struct LoadProgress: Sendable {
    package var seconds: Double
    package var begun: Int
    package var connected: Int
    package var failed: Int
    /// That viewers received.
    package var packets: Int
    /// Never came.
    package var lost: Int
    package var freezes: Int
    /// Asked of the publishers.
    package var keyframeRequests: Int
    /// Milliseconds, 99th percentile up to now.
    package var latency: Double?
}
