extension Subscription {
    package struct Configuration: Sendable {
        package var ssrc: UInt32
        package var payloadType: UInt8
        /// The payload type of redundant packets (RFC 2198) when the viewer agreed to get any.
        package var redundantPayloadType: UInt8?
        /// The retransmission stream (RFC 4588) when the viewer agreed to one.
        package var rtx: RTXStream?
        package var codec: TrackCodec
        package var clockRate: Int
        /// 1...`LayerSelector.maximumLayers`.
        package var layerCount: Int
        /// Packets carry transport-wide sequence numbers.
        package var hasTransportWideFeedback: Bool
        /// The viewer's player can be told how long to hold pictures back.
        package var hasPlayoutDelay: Bool
        /// A layer without packets for this long is dead.
        package var deadAfter = Duration.seconds(1)

        package init(
            ssrc: UInt32, payloadType: UInt8, redundantPayloadType: UInt8? = nil, rtx: RTXStream? = nil,
            codec: TrackCodec, clockRate: Int, layerCount: Int = 1, hasTransportWideFeedback: Bool = false,
            hasPlayoutDelay: Bool = false
        ) {
            self.ssrc = ssrc
            self.payloadType = payloadType
            self.redundantPayloadType = redundantPayloadType
            self.rtx = rtx
            self.codec = codec
            self.clockRate = clockRate
            self.layerCount = layerCount
            self.hasTransportWideFeedback = hasTransportWideFeedback
            self.hasPlayoutDelay = hasPlayoutDelay
        }
    }

    package struct RTXStream: Sendable, BitwiseCopyable {
        package var ssrc: UInt32
        package var payloadType: UInt8

        package init(ssrc: UInt32, payloadType: UInt8) {
            self.ssrc = ssrc
            self.payloadType = payloadType
        }
    }

    package enum State: Sendable, Equatable {
        case active
        case paused
    }

    /// What `advance` wants done; nothing, most of the time.
    package struct Effects: Sendable, Equatable {
        /// Ask the publisher for a keyframe of this layer.
        package var requestKeyframe: Int?
        /// The viewer's stream stopped or goes on.
        package var state: State?
    }
}
