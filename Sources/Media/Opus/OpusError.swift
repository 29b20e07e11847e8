/// libopus refused a call; `code` is its OPUS_* number.
package struct OpusError: Error, Equatable, Sendable {
    package var code: Int32
}
