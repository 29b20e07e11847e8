/// A participant's connection to a room, `PA_…`. A participant who joins again gets a new one; their identity stays.
package struct ParticipantID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static func random() -> ParticipantID { ParticipantID(randomIdentifier(prefix: "PA_")) }
}

/// A room's lifetime, `RM_…`. A room that closed and opened again under the same name gets a new one.
package struct RoomID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static func random() -> RoomID { RoomID(randomIdentifier(prefix: "RM_")) }
}

/// A published track, `TR_…`.
package struct TrackID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static func random() -> TrackID { TrackID(randomIdentifier(prefix: "TR_")) }
}

/// The prefix and twelve random characters of an alphabet without look-alikes: 70 bits.
private func randomIdentifier(prefix: String) -> String {
    let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
    return prefix + String((0..<12).map { _ in alphabet.randomElement()! })
}
