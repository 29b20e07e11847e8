/// Commands for a transport that no worker has yet. Only what is still true when the peer comes is kept, so that one who
/// never comes costs no more than the tracks they could have and a little data: a later command takes the place of an
/// earlier one about the same track. Reliable data waits, up to `dataCapacity`, since who has joined counts on getting it;
/// lossy data does not.
struct WaitingCommands: Sendable {
    /// Bytes of reliable data.
    static let dataCapacity = 256 << 10
    static let messageCapacity = 64

    private(set) var commands: [TransportCommand] = []
    private var messages = 0
    /// Bytes.
    private var dataSize = 0

    mutating func add(_ command: TransportCommand) {
        switch command {
        case .setRemote:
            // The first one counts.
            guard !commands.contains(where: { if case .setRemote = $0 { true } else { false } }) else { return }
            commands.append(command)
        case .publish, .subscribe, .close:
            commands.append(command)
        case .unpublish(let track):
            commands.removeAll { waiting in
                switch waiting {
                case .publish(let waiting): waiting.feed.track == track
                case .setMuted(track, _), .captureKeyframe(track, _, _, _): true
                default: false
                }
            }
        case .setMuted(let track, _):
            commands.removeAll { if case .setMuted(track, _) = $0 { true } else { false } }
            commands.append(command)
        case .unsubscribe(let track):
            commands.removeAll { waiting in
                switch waiting {
                case .subscribe(let waiting): waiting.feed.track == track
                case .setWanted(track, _): true
                default: false
                }
            }
        case .setWanted(let track, _):
            commands.removeAll { if case .setWanted(track, _) = $0 { true } else { false } }
            commands.append(command)
        case .captureKeyframe(let track, _, _, _):
            commands.removeAll { if case .captureKeyframe(track, _, _, _) = $0 { true } else { false } }
            commands.append(command)
        case .limitBandwidth:
            commands.removeAll { if case .limitBandwidth = $0 { true } else { false } }
            commands.append(command)
        case .sendData(let bytes, .reliable):
            guard messages < Self.messageCapacity, dataSize + bytes.count <= Self.dataCapacity else { return }
            messages += 1
            dataSize += bytes.count
            commands.append(command)
        case .requestKeyframe, .sendData(_, .lossy), .watch, .restart:
            // Who never came cannot go away; new credentials are in the directory.
            return
        }
    }
}
