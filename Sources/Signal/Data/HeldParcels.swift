import Relay

/// A submission and the packets that tell it.
struct Parcel: Sendable {
    var submission: RoomSubmission
    /// In order; all go to those whom the first one is for.
    var packets: [RoutedPacket]
}

/// What waits for its time in one room, in the order in which it was said. The judge decides how much is held.
struct HeldParcels {
    typealias Instant = ContinuousClock.Instant

    private struct Held {
        var parcel: Parcel
        var chat: ChatSubmission
        var due: Instant
    }

    private var held: ArraySlice<Held> = []

    var nextDue: Instant? { held.first?.due }

    /// - Parameter due: nothing overtakes what was held before, even when the delay became shorter since.
    mutating func add(_ parcel: Parcel, _ chat: ChatSubmission, due: Instant) {
        held.append(Held(parcel: parcel, chat: chat, due: max(due, held.last?.due ?? due)))
    }

    /// Takes out what is due.
    mutating func take(at now: Instant) -> [(parcel: Parcel, chat: ChatSubmission)] {
        let due = held.prefix { $0.due <= now }
        held.removeFirst(due.count)
        return due.map { ($0.parcel, $0.chat) }
    }
}
