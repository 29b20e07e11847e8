import CVPX

/// VP8 through libvpx with realtime settings: constant bitrate, no lag, no keyframes but the first and those asked for.
/// Not thread-safe: one owner.
package final class VP8Encoder {
    package struct EncodedFrame: Sendable, Equatable {
        /// What a VP8 decoder takes (RFC 6386 §9.1).
        package var bytes: [UInt8]
        package var isKeyframe: Bool
        /// 90 kHz; the picture's.
        package var timestamp: UInt32
    }

    package let width: Int
    package let height: Int
    private var context = vpx_codec_ctx_t()
    private var configuration = vpx_codec_enc_cfg_t()
    private let image: UnsafeMutablePointer<vpx_image_t>
    /// 90 kHz.
    private let frameDuration: Int
    private var wantsKeyframe = true
    /// libvpx wants times that ascend; the 90 kHz timestamp wraps.
    private var time: Int64 = 0
    private var lastTimestamp: UInt32?

    /// `bitrate` in bits a second, `framesPerSecond` for the rate control.
    package init(width: Int, height: Int, bitrate: Int, framesPerSecond: Int = 30) throws(VPXError) {
        let sides = 1...VideoFrame.maximumSide
        guard sides.contains(width), sides.contains(height), framesPerSecond > 0,
            let image = vpx_img_alloc(nil, VPX_IMG_FMT_I420, UInt32(width), UInt32(height), 16)
        else { throw VPXError(code: VPX_CODEC_INVALID_PARAM.rawValue) }
        self.width = width
        self.height = height
        self.image = image
        frameDuration = max(1, 90_000 / framesPerSecond)
        var code = vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &configuration, 0)
        if code == VPX_CODEC_OK {
            configuration.g_w = UInt32(width)
            configuration.g_h = UInt32(height)
            configuration.g_timebase = vpx_rational(num: 1, den: 90_000)
            configuration.g_threads = 1
            configuration.g_lag_in_frames = 0
            configuration.g_error_resilient = UInt32(VPX_ERROR_RESILIENT_DEFAULT)
            configuration.rc_end_usage = VPX_CBR
            configuration.rc_target_bitrate = Self.kilobits(bitrate)
            configuration.kf_mode = VPX_KF_DISABLED
            code = golive_vpx_enc_init(&context, vpx_codec_vp8_cx(), &configuration, 0)
        }
        // Whatever throws from here on runs deinit, which takes a context that never opened.
        try check(code)
        // A steady speed of realtime encoding, as browsers take it on small machines: the processor is there for others.
        try check(golive_vpx_control_int(&context, Int32(VP8E_SET_CPUUSED.rawValue), -12))
    }

    deinit {
        vpx_codec_destroy(&context)
        vpx_img_free(image)
    }

    /// The next picture becomes a keyframe.
    package func forceKeyframe() {
        wantsKeyframe = true
    }

    /// Bits a second, from the next picture on.
    package func setBitrate(_ bitrate: Int) throws(VPXError) {
        configuration.rc_target_bitrate = Self.kilobits(bitrate)
        try check(vpx_codec_enc_config_set(&context, &configuration))
    }

    /// The frame for a picture of the encoder's size whose timestamp lies behind the last one's; nil when the rate
    /// control drops it.
    package func encode(_ picture: VideoFrame) throws(VPXError) -> EncodedFrame? {
        guard picture.width == width, picture.height == height, picture.hasWholePlanes else {
            throw VPXError(code: VPX_CODEC_INVALID_PARAM.rawValue)
        }
        let step = lastTimestamp.map { Int64(picture.timestamp &- $0) } ?? 0
        guard lastTimestamp == nil || (1..<Int64(1) << 31).contains(step) else {
            throw VPXError(code: VPX_CODEC_INVALID_PARAM.rawValue)
        }
        lastTimestamp = picture.timestamp
        time += step
        fill(picture)
        let flags = wantsKeyframe ? Int(VPX_EFLAG_FORCE_KF) : 0
        try check(vpx_codec_encode(&context, image, time, UInt(frameDuration), flags, UInt(VPX_DL_REALTIME)))
        wantsKeyframe = false
        var bytes: [UInt8] = []
        var isKeyframe = false
        var iterator: vpx_codec_iter_t?
        while let packet = vpx_codec_get_cx_data(&context, &iterator) {
            guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
            let frame = packet.pointee.data.frame
            bytes += UnsafeRawBufferPointer(start: frame.buf, count: frame.sz)
            isKeyframe = isKeyframe || frame.flags & UInt32(VPX_FRAME_IS_KEY) != 0
        }
        return bytes.isEmpty ? nil : EncodedFrame(bytes: bytes, isKeyframe: isKeyframe, timestamp: picture.timestamp)
    }

    private func fill(_ picture: VideoFrame) {
        let (planes, strides) = (image.pointee.planes, image.pointee.stride)
        copy(picture.y, width: width, to: planes.0, stride: strides.0)
        copy(picture.u, width: picture.chromaWidth, to: planes.1, stride: strides.1)
        copy(picture.v, width: picture.chromaWidth, to: planes.2, stride: strides.2)
    }

    private func copy(_ plane: [UInt8], width: Int, to destination: UnsafeMutablePointer<UInt8>?, stride: Int32) {
        guard let destination else { return }
        plane.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            for row in 0..<source.count / width {
                (destination + row * Int(stride)).update(from: base + row * width, count: width)
            }
        }
    }

    private static func kilobits(_ bitrate: Int) -> UInt32 { UInt32(clamping: max(1, bitrate / 1000)) }

    private func check(_ code: vpx_codec_err_t) throws(VPXError) {
        guard code == VPX_CODEC_OK else { throw VPXError(code: code.rawValue) }
    }
}
