package import Media

/// What a track's packets carry, as far as the relay tells it apart.
package enum TrackCodec: Sendable, Hashable {
    /// Opus, or any other audio: every packet can be decoded without those before it.
    case audio
    case video(VideoCodec)

    package var isVideo: Bool { self != .audio }
}
