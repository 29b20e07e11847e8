package import Relay
import Synchronization

/// How far each participant's numbered reliable messages have come. A client that resumes is told, and sends again what
/// is missing; what it sends twice is not passed on twice. As in LiveKit, numbers only grow.
package final class DataSequences: Sendable {
    /// Participants that are remembered: the latest to send, at least so many.
    private static let capacity = 8192

    private struct State {
        var recent: [ParticipantID: UInt32] = [:]
        /// What was recent before that was full.
        var older: [ParticipantID: UInt32] = [:]

        subscript(_ participant: ParticipantID) -> UInt32 { recent[participant] ?? older[participant] ?? 0 }
    }

    private let state = Mutex(State())

    package init() {}

    /// The last number that came from a participant; 0: none.
    package func last(of participant: ParticipantID) -> UInt32 {
        state.withLock { $0[participant] }
    }

    /// Takes note of a message; false when it came before. One without a number is always new.
    func admit(_ message: DataMessage) -> Bool {
        guard message.kind == .reliable, let number = Self.sequence(of: message.payload), number != 0 else {
            return true
        }
        return state.withLock { state in
            guard number > state[message.sender.id] else { return false }
            if state.recent.count >= Self.capacity {
                state.older = state.recent
                state.recent = [:]
            }
            state.recent[message.sender.id] = number
            return true
        }
    }

    /// Field 16 of a DataPacket, found without reading the rest; nil: none, or no DataPacket, which is for others to say.
    static func sequence(of payload: [UInt8]) -> UInt32? {
        var rest = payload[...]
        while !rest.isEmpty {
            guard let tag = rest.takeVarint() else { return nil }
            switch tag & 7 {
            case 0:
                guard let value = rest.takeVarint() else { return nil }
                if tag >> 3 == 16 { return UInt32(truncatingIfNeeded: value) }
            case 1: rest = rest.dropFirst(8)
            case 2:
                guard let length = rest.takeVarint(), length <= UInt64(rest.count) else { return nil }
                rest = rest.dropFirst(Int(length))
            case 5: rest = rest.dropFirst(4)
            default: return nil
            }
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// A base-128 number of protobuf.
    fileprivate mutating func takeVarint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
