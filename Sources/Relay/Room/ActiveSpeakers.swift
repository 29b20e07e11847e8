/// Who speaks in a room: the loudest of each participant's audio tracks, and what changed since it was last told.
struct ActiveSpeakers {
    private struct Level: Equatable {
        var level: Float
        var isActive: Bool
    }

    /// A smaller change of loudness is not worth telling.
    private static let step: Float = 0.05

    private var levels: [ParticipantID: [TrackID: Level]] = [:]
    private var told: [ParticipantID: Level] = [:]

    /// Takes a track's new level; returns what everyone is to be told, if anything.
    mutating func update(_ participant: ParticipantID, _ track: TrackID, level: Float, isActive: Bool) -> Speaker? {
        levels[participant, default: [:]][track] = Level(level: level, isActive: isActive)
        return news(of: participant)
    }

    private mutating func news(of participant: ParticipantID) -> Speaker? {
        let loudest = levels[participant]?.values.max { $0.level < $1.level } ?? Level(level: 0, isActive: false)
        let before = told[participant] ?? Level(level: 0, isActive: false)
        guard loudest.isActive != before.isActive || abs(loudest.level - before.level) >= Self.step else { return nil }
        told[participant] = loudest
        return Speaker(participant: participant, level: loudest.level, isActive: loudest.isActive)
    }

    /// Those who speak, as last told.
    var speaking: [Speaker] {
        told.filter(\.value.isActive).map { Speaker(participant: $0.key, level: $0.value.level, isActive: true) }
    }

    /// A track is gone or muted; returns what everyone is to be told, if anything.
    mutating func silence(_ participant: ParticipantID, _ track: TrackID) -> Speaker? {
        guard levels[participant]?.removeValue(forKey: track) != nil else { return nil }
        return news(of: participant)
    }

    mutating func remove(_ participant: ParticipantID) {
        levels[participant] = nil
        told[participant] = nil
    }
}
