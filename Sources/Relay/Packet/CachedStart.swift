package import Media

/// The newest place in a ring where a decoder can start, and what lies between it and what is live.
package struct CachedStart: Sendable, BitwiseCopyable {
    /// The first packet of the keyframe.
    package let keyframe: PacketInfo
    /// The newest packet, of the same source.
    package let newest: PacketInfo

    /// nil when the ring holds no such place.
    package init?(_ ring: PacketRing) {
        guard let keyframe = ring.keyframeStart, let newest = ring.newestMedia, newest.epoch == keyframe.epoch,
            newest.index >= keyframe.index
        else { return nil }
        self.keyframe = keyframe
        self.newest = newest
    }

    package func age(_ now: Instant) -> Duration { now - keyframe.arrival }

    /// Bytes from the keyframe to what is live, without temporal layers above the base.
    package var backlog: Int {
        Int(newest.baseBytesStored &- keyframe.baseBytesStored) + keyframe.byteCount
    }

    /// Bits a second of the layer since the keyframe, which itself does not make a young layer look fast.
    package func bitrate(_ now: Instant) -> Int {
        let bytes = Int(newest.bytesStored &- keyframe.bytesStored) + keyframe.byteCount
        return Int(Double(bytes * 8) / max(1, age(now).inSeconds))
    }
}
