/// The names under which header extensions are negotiated (`a=extmap`, RFC 8285 §5).
package enum RTPExtensionURI {
    /// RFC 6464.
    package static let audioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    /// RFC 9143 §15.
    package static let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
    /// RFC 8852 §3.1.
    package static let rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    /// RFC 8852 §3.2.
    package static let repairedRID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
    /// RFC 5450.
    package static let transmissionTimeOffset = "urn:ietf:params:rtp-hdrext:toffset"
    /// 3GPP TS 26.114 §7.4.5.
    package static let videoOrientation = "urn:3gpp:video-orientation"
    /// 24 bits, seconds in 6.18 fixed point.
    package static let absSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    package static let absCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
    /// draft-holmer-rmcat-transport-wide-cc-extensions-01: 16 bits, one sequence over all streams of a transport.
    package static let transportWideCC =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    package static let playoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
    package static let videoContentType = "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type"
    package static let videoTiming = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing"
    package static let videoLayersAllocation =
        "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00"
    /// AV1 RTP payload format, appendix A.
    package static let dependencyDescriptor =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
}
