import Media

/// Pictures of what is published, for those who do not watch.
extension Relay {
    /// The next keyframe that somebody publishes, of the lowest layer that flows, as a WebP picture.
    ///
    /// - Parameters:
    ///   - patience: how long a keyframe is waited for.
    ///   - asking: whether the publisher's encoder is asked for one; as with viewers, the layer's gate has the last word.
    /// - Returns: nil when none came in time, and at once when there is no such track, it is muted, encrypted from end
    ///   to end, or not VP8.
    package func keyframe(
        of identity: String, in room: String, source: TrackSource, within patience: Duration, asking: Bool
    ) async -> [UInt8]? {
        guard !isShuttingDown, let participant = rooms[room]?.participant(identity: identity) else { return nil }
        let publications = participant.publicationOrder.compactMap { participant.publications[$0] }
        guard
            let publication = publications.first(where: { $0.state.source == source && $0.feed != nil }),
            publication.feed?.codec == .video(.vp8), !publication.state.isMuted, publication.state.encryption == 0
        else { return nil }
        let (frames, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        directory.post(
            .captureKeyframe(publication.state.id, within: patience, asking: asking, KeyframeReply(continuation)),
            to: participant.publisher)
        for await frame in frames { return (try? WebP(keyframe: frame))?.serialized }
        return nil
    }
}
