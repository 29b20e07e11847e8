package import Media

/// What is to be done for a viewer's stream now and then.
extension Subscription {
    /// Our sender report, when one is due and the publisher's clock is known.
    package func pollSenderReport(_ now: Instant) -> SenderReport? {
        guard state == .active, reports.isDue(now), let reference = timestamps.reference else { return nil }
        return reports.report(
            now: now, reference: reference, offset: timestamps.offset, clockRate: timestamps.clockRate)
    }

    package func advance(to now: Instant) -> Effects {
        guard !isHeld else { return Effects() }
        var effects = Effects(requestKeyframe: selector.advance(to: now))
        // What the viewer turned off themselves is no news to them.
        if state != announcedState, state == .active || isWithheld {
            announcedState = state
            effects.state = state
        }
        return effects
    }

    /// When `advance` or `pollSenderReport` has something to do, unless a packet makes the subscription `isUnsettled`
    /// before. Polling every 50 ms or so does as well.
    package func nextTimeout(after now: Instant) -> Instant? {
        if state != announcedState, state == .active || isWithheld { return now }
        let hasReports = state == .active && timestamps.reference != nil
        return Instant.earliest(selector.nextTimeout(after: now), hasReports ? reports.nextDue(after: now) : nil)
    }
}
