/// Who is told of whom. A room of a hundred is a company, in which everybody sees who is there; beyond that it is an
/// audience: telling each of N viewers of each of N would cost N² messages and tell nobody anything. Then those who publish
/// or have spoken are known to all, the rest are a number.
extension Room {
    /// Whether others are told of a participant. Who was known once remains so, until they leave or hide.
    func shows(_ participant: Participant) -> Bool {
        guard !participant.permission.hidden else { return false }
        return participant.isKnown || !participant.publications.isEmpty || visibleCount <= rosterLimit
    }

    /// What a newcomer is told of those who are there.
    var known: [Participant] { participants.filter(\.isKnown) }

    /// Tells everyone who may know, the participant included, how the participant is now.
    func announce(_ participant: Participant) {
        let update = ParticipantEvent.participants([participant.state])
        guard shows(participant) else { return participant.events.yield(update) }
        participant.isKnown = true
        tell(update)
    }

    /// Makes known somebody of the audience whom the others are about to hear of.
    func introduce(_ participant: Participant) {
        guard !participant.isKnown, !participant.permission.hidden else { return }
        participant.isKnown = true
        tell(.participants([participant.state]), except: participant)
    }

    /// The others see no more of a participant, who left or hides.
    func conceal(_ participant: Participant, as last: ParticipantState) {
        guard participant.isKnown else { return }
        participant.isKnown = false
        tell(.participants([last]), except: participant)
    }

    /// Tells how many are there, when that changed since it was last told: at most once a second, in rooms of many less
    /// often, so that all rooms together cost a bounded number of messages.
    ///
    /// - Parameter tick: seconds since the relay began.
    func tellCount(tick: Int) {
        guard tick % (1 + participants.count / 1000) == 0 else { return }
        let state = state
        guard state.participantCount != toldCount else { return }
        toldCount = state.participantCount
        tell(.room(state))
    }
}
