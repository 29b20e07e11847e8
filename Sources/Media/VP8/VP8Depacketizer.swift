/// Puts VP8 frames together from RTP payloads that come in order (RFC 7741 §4.5). A frame that misses a packet or
/// outgrows `maximumFrame` is dropped whole and counted.
package struct VP8Depacketizer: Sendable {
    package static let maximumFrame = 4 << 20

    package struct Frame: Sendable, Equatable {
        package var bytes: [UInt8]
        package var timestamp: UInt32
        package var pictureID: UInt16?
        /// RFC 6386 §9.1: the inverse keyframe flag.
        package var isKeyframe: Bool { bytes[0] & 0x01 == 0 }
    }

    private enum State {
        case between
        case collecting(Frame)
        /// The rest of the frame of this timestamp is not wanted.
        case dropping(timestamp: UInt32)
    }

    /// Frames lost so far: those of which some packet came, but not all.
    package private(set) var droppedFrames = 0
    private var state = State.between
    private var nextSequence: UInt16?

    package init() {}

    /// Takes the payload of the next packet and returns the frame it completes. A payload without a descriptor or
    /// without data throws and spoils the frame it belongs to.
    package mutating func receive(
        sequenceNumber: UInt16, timestamp: UInt32, marker: Bool, payload: RawSpan
    ) throws(ParseError) -> Frame? {
        let isContiguous = nextSequence == nil || nextSequence == sequenceNumber
        nextSequence = sequenceNumber &+ 1
        if !isContiguous { abandon() }

        let descriptor: VP8Descriptor
        do throws(ParseError) {
            descriptor = try VP8Descriptor(parsing: payload)
            guard descriptor.length < payload.byteCount else { throw .truncated }
        } catch {
            abandon()
            drop(timestamp)
            throw error
        }
        if case .collecting(let frame) = state, frame.timestamp != timestamp { abandon() }
        if case .dropping(let dropped) = state, dropped != timestamp { state = .between }

        let isFrameStart = descriptor.isStartOfPartition && descriptor.partitionIndex == 0
        switch state {
        case .between where isFrameStart:
            state = .collecting(Frame(bytes: [], timestamp: timestamp, pictureID: descriptor.pictureID))
        case .between:
            drop(timestamp)
        case .collecting, .dropping:
            break
        }
        guard case .collecting(var frame) = state else { return nil }
        state = .between
        let data = payload.extracting(droppingFirst: descriptor.length)
        guard frame.bytes.count + data.byteCount <= Self.maximumFrame else {
            drop(timestamp)
            return nil
        }
        data.withUnsafeBytes { frame.bytes += $0 }
        if marker { return frame }
        state = .collecting(frame)
        return nil
    }

    /// Counts the frame being collected as lost.
    private mutating func abandon() {
        if case .collecting(let frame) = state { drop(frame.timestamp) }
    }

    private mutating func drop(_ timestamp: UInt32) {
        if case .dropping(timestamp) = state { return }
        droppedFrames += 1
        state = .dropping(timestamp: timestamp)
    }
}
