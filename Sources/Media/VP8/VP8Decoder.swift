import CVPX

/// VP8 through libvpx. Not thread-safe: one owner.
package final class VP8Decoder {
    /// A keyframe that says more is refused before libvpx allocates for it.
    package static let maximumPixels = 4096 * 2304

    private var context = vpx_codec_ctx_t()

    package init() throws(VPXError) {
        let code = golive_vpx_dec_init(&context, vpx_codec_vp8_dx(), nil, 0)
        guard code == VPX_CODEC_OK else { throw VPXError(code: code.rawValue) }
    }

    deinit {
        vpx_codec_destroy(&context)
    }

    /// The pictures one frame gives: one, or none for a frame that is not shown. `timestamp` is copied to them. Throws for
    /// bytes libvpx refuses; any are safe.
    package func decode(_ frame: [UInt8], timestamp: UInt32) throws(VPXError) -> [VideoFrame] {
        // libvpx takes an empty frame for a lost one and repeats the last picture, or has none to repeat.
        guard !frame.isEmpty else { throw VPXError(code: VPX_CODEC_INVALID_PARAM.rawValue) }
        if let size = VP8Payload.frameSize(frame.span.bytes), size.width * size.height > Self.maximumPixels {
            throw VPXError(code: VPX_CODEC_UNSUP_BITSTREAM.rawValue)
        }
        let code = vpx_codec_decode(&context, frame, UInt32(clamping: frame.count), nil, 0)
        guard code == VPX_CODEC_OK else { throw VPXError(code: code.rawValue) }
        var pictures: [VideoFrame] = []
        var iterator: vpx_codec_iter_t?
        while let image = vpx_codec_get_frame(&context, &iterator) {
            let sides = 1...UInt32(VideoFrame.maximumSide)
            guard sides.contains(image.pointee.d_w), sides.contains(image.pointee.d_h) else { continue }
            pictures.append(VideoFrame(image.pointee, timestamp: timestamp))
        }
        return pictures
    }
}

extension VideoFrame {
    fileprivate init(_ image: vpx_image_t, timestamp: UInt32) {
        self.init(width: Int(image.d_w), height: Int(image.d_h), timestamp: timestamp)
        let (planes, strides) = (image.planes, image.stride)
        y = Self.rows(planes.0, stride: strides.0, width: width, height: height)
        u = Self.rows(planes.1, stride: strides.1, width: chromaWidth, height: chromaHeight)
        v = Self.rows(planes.2, stride: strides.2, width: chromaWidth, height: chromaHeight)
    }

    private static func rows(_ plane: UnsafeMutablePointer<UInt8>?, stride: Int32, width: Int, height: Int) -> [UInt8] {
        guard let plane else { return [UInt8](repeating: 128, count: width * height) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height)
        for row in 0..<height {
            bytes += UnsafeBufferPointer(start: plane + row * Int(stride), count: width)
        }
        return bytes
    }
}
