import Media

/// What a publisher's packets repeat of those before them (RFC 2198).
extension IncomingLayer {
    /// Stores what was lost just before a packet and is repeated in it, so that viewers without redundancy get it too. One
    /// that comes by itself all the same is a duplicate then.
    ///
    /// Block *n* before the primary one is taken for the packet *n* before this one, as senders in use have it; a payload too
    /// long to be repeated breaks that rule, and shows by a timestamp which is not new.
    ///
    /// - Parameter info: of the packet, which has not been stored yet.
    func recover(_ red: RED, _ payload: RawSpan, from info: PacketInfo) {
        guard highest != .min, info.sequence > highest + 1 else { return }
        for index in 0..<red.blockCount - 1 {
            let block = red.block(index, of: payload)
            var lost = PacketInfo()
            lost.sequence = info.sequence - Int64(red.blockCount - 1 - index)
            lost.timestamp = info.timestamp &- UInt32(block.timestampOffset)
            guard block.length > 0, lost.sequence > highest,
                SerialNumber(lost.timestamp) > SerialNumber(newestTimestamp), received.insert(lost.sequence)
            else { continue }
            lost.arrival = info.arrival
            lost.epoch = info.epoch
            lost.flags = .frameStart
            lost.payloadLength = UInt16(block.length)
            if configuration.sendsNack { losses.receive(lost.sequence, now: lost.arrival) }
            let slot = ring.reserve()
            payload.extracting(block.offset..<block.offset + block.length).withUnsafeBytes {
                slot.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
            }
            ring.publish(lost)
            (highest, newestTimestamp) = (lost.sequence, lost.timestamp)
            counters.recovered += 1
        }
    }

    /// A packet's blocks get the payload type that viewers know, and what they repeat its place in the rates.
    ///
    /// - Parameter payload: where the packet's payload is stored.
    func take(redundancyOf info: PacketInfo, at payload: UnsafeMutableRawPointer) {
        RED.setPayloadType(Redundancy.outgoing.primaryPayloadType, in: payload)
        temporalRates.receive(redundancy: Int(info.redundancyLength), arrival: info.arrival)
    }
}
