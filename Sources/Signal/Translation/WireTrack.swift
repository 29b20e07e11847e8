package import LiveKitProtocol
package import Relay
import SwiftProtobuf

extension LiveKit_TrackInfo {
    /// Both the present fields and the ones they superseded are set: older SDKs read the latter.
    package init(_ track: TrackState) {
        self.init()
        sid = track.id.rawValue
        type = LiveKit_TrackType(track.kind)
        source = LiveKit_TrackSource(track.source)
        name = track.name
        muted = track.isMuted
        width = UInt32(clamping: track.width)
        height = UInt32(clamping: track.height)
        simulcast = track.isSimulcast
        layers = track.layers.enumerated().map { LiveKit_VideoLayer($1, spatialLayer: $0) }
        mimeType = track.mimeType
        mid = track.mid
        stream = track.stream
        stereo = track.isStereo
        disableDtx = track.disablesDTX
        disableRed = track.disablesRED
        encryption = LiveKit_Encryption.TypeEnum(rawValue: track.encryption) ?? .none
        if track.kind == .audio {
            if track.isStereo { audioFeatures.append(.tfStereo) }
            if track.disablesDTX { audioFeatures.append(.tfNoDtx) }
        }
        if !track.mimeType.isEmpty {
            codecs = [
                .with {
                    $0.mimeType = track.mimeType
                    $0.mid = track.mid
                    $0.layers = layers
                    if track.kind == .video { $0.videoLayerMode = .oneSpatialLayerPerStream }
                }
            ]
        }
    }
}

extension TrackState {
    /// The codec as `SubscribedCodec` names it: `vp8` for `video/VP8`; empty until media was negotiated.
    var codecName: String {
        mimeType.split(separator: "/").last?.lowercased() ?? ""
    }
}

extension LiveKit_VideoLayer {
    init(_ layer: TrackState.Layer, spatialLayer: Int) {
        self.init()
        quality = LiveKit_VideoQuality(layer.quality)
        rid = layer.rid
        width = UInt32(clamping: layer.width)
        height = UInt32(clamping: layer.height)
        bitrate = UInt32(clamping: layer.bitrate)
        self.spatialLayer = Int32(clamping: spatialLayer)
    }
}

extension TrackState.Layer {
    init(_ layer: LiveKit_VideoLayer) {
        self.init(
            quality: VideoQuality(layer.quality) ?? .high, rid: layer.rid, width: Int(layer.width),
            height: Int(layer.height), bitrate: Int(layer.bitrate))
    }
}

extension LiveKit_TrackType {
    package init(_ kind: TrackKind) {
        self =
            switch kind {
            case .audio: .audio
            case .video: .video
            }
    }
}

extension TrackKind {
    /// `nil`: no kind of media, such as data.
    package init?(_ type: LiveKit_TrackType) {
        switch type {
        case .audio: self = .audio
        case .video: self = .video
        case .data, .UNRECOGNIZED: return nil
        }
    }
}

extension LiveKit_VideoQuality {
    package init(_ quality: VideoQuality) {
        self =
            switch quality {
            case .low: .low
            case .medium: .medium
            case .high: .high
            }
    }
}

extension VideoQuality {
    /// `nil`: `OFF`, or a quality of a later protocol.
    package init?(_ quality: LiveKit_VideoQuality) {
        switch quality {
        case .low: self = .low
        case .medium: self = .medium
        case .high: self = .high
        case .off, .UNRECOGNIZED: return nil
        }
    }
}
