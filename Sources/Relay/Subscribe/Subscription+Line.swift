/// What one viewer's line allows of a track, apart from what they want of it.
extension Subscription {
    /// Down to another layer with its next keyframe, down to nothing at once.
    package func setLimit(_ limit: LayerSelector.Limit) {
        guard limit != selector.limit else { return }
        selector.limit(limit)
        if limit == .nothing {
            becomeLive()
            state = .paused
        }
    }

    /// The highest temporal layer to pass on, 0...3. VP8 only.
    package func setMaximumTemporalLayer(_ layer: UInt8) {
        maximumTemporalLayer = min(layer, 3)
        if replay?.isPast != true { pictures.wantedTemporalLayer = maximumTemporalLayer }
    }

    /// Whether sound goes out with what repeats it, to a viewer who agreed to that.
    package func setAdmitsRedundancy(_ admits: Bool) { admitsRedundancy = admits }

    /// The viewer agreed to redundant packets.
    package var readsRedundancy: Bool { configuration.redundantPayloadType != nil }

    /// What repeats earlier packets goes along to those who can read it, while their line has room.
    func place(redundancyOf info: borrowing PacketInfo, in rewrite: inout Rewrite) {
        if admitsRedundancy, let payloadType = configuration.redundantPayloadType {
            rewrite.payloadType = payloadType
        } else {
            rewrite.omitted = info.redundancyLength
        }
    }

    /// The track is wanted, but there is no room for it.
    package var isWithheld: Bool { selector.limit == .nothing && selector.wanted != .nothing }

    /// The highest layer wanted, whatever the line allows; nil when none is.
    package var wishedLayer: Int? { selector.wanted == .nothing ? nil : selector.wishedLayer }

    /// A packet of padding on the retransmission stream; nil when that stream carries no transport-wide numbers.
    package func probe() -> Rewrite? {
        guard configuration.hasTransportWideFeedback, let rtx = configuration.rtx else { return nil }
        defer { rtxSequence &+= 1 }
        return Rewrite(
            index: -1, ssrc: rtx.ssrc, timestamp: timestamps.offset, sequence: rtxSequence,
            payloadType: rtx.payloadType, layer: 0, flags: [.probe, .transportWide])
    }

    /// Whether `probe` gives any.
    package var canProbe: Bool { configuration.hasTransportWideFeedback && configuration.rtx != nil }
}
