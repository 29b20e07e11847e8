/// What came of one packet. Nothing, most of the time.
package struct IncomingEffects: Sendable, BitwiseCopyable, Equatable {
    /// There is something new in the ring.
    package var stored = false
    package var keyframeStart = false
    /// `IncomingLayer.size` changed.
    package var sizeChanged = false
}

/// What is to be sent to the publisher.
package struct IncomingTimerEffects: Sendable, Equatable {
    package var nack: [UInt16] = []
    package var requestKeyframe = false
}
