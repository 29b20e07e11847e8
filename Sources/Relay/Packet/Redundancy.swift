package import Media

/// Redundant audio (RFC 2198) as one connection agreed to carry it: each packet holds, before its own sound, that of one
/// or more packets before it, so that a lost packet comes again with the next. On one connection such packets and plain ones
/// mix freely.
package struct Redundancy: Sendable, BitwiseCopyable, Hashable {
    /// Of the RTP packets.
    package var payloadType: UInt8
    /// Of the blocks in them, and of packets without redundancy.
    package var primaryPayloadType: UInt8

    package init(payloadType: UInt8, primaryPayloadType: UInt8) {
        self.payloadType = payloadType
        self.primaryPayloadType = primaryPayloadType
    }

    /// The parts of a redundant packet; nil when it is broken, or holds something else than was agreed.
    package func read(_ payload: RawSpan) -> RED? {
        guard let red = try? RED(parsing: payload), red.primary.length > 0,
            red.holdsOnly(primaryPayloadType, in: payload)
        else { return nil }
        return red
    }

    /// What every viewer is offered, and what blocks in the rings are marked with: a payload is written once for all.
    package static let outgoing = Redundancy(payloadType: 63, primaryPayloadType: 111)
}
