import Media

/// Telling publishers which layers of their tracks anyone watches.
extension Relay {
    /// A viewer begins to watch, or wants more or less of it: more is told at once, less when it has lasted.
    func raiseDemand(for track: TrackID, of publisher: Participant, to wanted: LayerSelector.Wanted) {
        guard let publication = publisher.publications[track], let layer = publication.layer(for: wanted),
            publication.demand?.raise(to: layer) == true
        else { return }
        tellDemand(for: publication, to: publisher)
    }

    /// Once a second: looks at what the viewers of every track want.
    func reviewDemand(_ now: Instant) {
        for publisher in participants.values {
            for (track, publication) in publisher.publications where publication.demand != nil {
                let highest = publication.subscribers.compactMap { viewer -> Int? in
                    guard let subscription = participants[viewer]?.subscriptions[track], subscription.isActive
                    else { return nil }
                    return publication.layer(for: subscription.settings.wanted)
                }.max()
                if publication.demand?.review(highest: highest, now: now) == true {
                    tellDemand(for: publication, to: publisher)
                }
            }
        }
    }

    private func tellDemand(for publication: Publication, to publisher: Participant) {
        guard let demand = publication.demand else { return }
        publisher.events.yield(.subscribedQuality(publication.state.id, demand.qualities))
    }
}
