/// What a participant may do. Everything that is not stated is denied: whoever reads a token decides what is stated.
package struct Permission: Hashable, Sendable {
    package var canSubscribe: Bool
    package var canPublish: Bool
    package var canPublishData: Bool
    /// The sources that may be published; empty means every source.
    package var publishSources: Set<TrackSource>
    package var canUpdateOwnMetadata: Bool
    /// Not shown to other participants and not counted.
    package var hidden: Bool

    package init(
        canSubscribe: Bool = false, canPublish: Bool = false, canPublishData: Bool = false,
        publishSources: Set<TrackSource> = [], canUpdateOwnMetadata: Bool = false, hidden: Bool = false
    ) {
        self.canSubscribe = canSubscribe
        self.canPublish = canPublish
        self.canPublishData = canPublishData
        self.publishSources = publishSources
        self.canUpdateOwnMetadata = canUpdateOwnMetadata
        self.hidden = hidden
    }

    package func allowsPublishing(_ source: TrackSource) -> Bool {
        canPublish && (publishSources.isEmpty || publishSources.contains(source))
    }
}

package enum TrackSource: Hashable, Sendable, CaseIterable {
    case unknown, camera, microphone, screenShare, screenShareAudio
}

package enum TrackKind: Hashable, Sendable {
    case audio, video
}

/// The three qualities that a viewer asks for by name, low to high; layer `n` of a simulcast track is quality `n`.
package enum VideoQuality: Int, Hashable, Sendable, Comparable, CaseIterable {
    case low, medium, high

    package static func < (a: VideoQuality, b: VideoQuality) -> Bool { a.rawValue < b.rawValue }
}
