/// libvpx refused a call; `code` is its `vpx_codec_err_t`.
package struct VPXError: Error, Equatable, Sendable {
    package var code: UInt32
}
