import LiveKitProtocol
import Relay

/// The text streams on the chat's topic that are on their way in one room. Their packets are held back until the text is
/// whole, so that it is judged before anyone sees the first of it.
///
/// A pure value: time is passed in. What a sender can make it keep is limited by the numbers below.
struct TextStreams {
    typealias Instant = ContinuousClock.Instant

    /// Bytes of a text. The application's limit on characters is lower.
    static let textLimit = 8 << 10
    /// Packets of a stream.
    static let packetLimit = 64
    static let streamsPerSender = 4
    static let streamsPerRoom = 512
    /// From header to trailer.
    static let patience: Duration = .seconds(10)

    enum Outcome {
        /// Not part of a chat stream: to be judged as other data.
        case notChat
        case waiting
        /// Header, chunks and trailer, in order.
        case complete(ChatSubmission, [RoutedPacket])
        case refused(id: String, ChatRefusal)
        /// Of a stream that was refused or given up.
        case dropped
    }

    private struct Key: Hashable {
        var sender: ParticipantID
        var stream: String
    }

    private struct Gathering {
        var submission: ChatSubmission
        var packets: [RoutedPacket]
        var text: [UInt8] = []
        var nextChunk: UInt64 = 0
        var statedLength: UInt64?
    }

    private enum Progress {
        case gathering(Gathering)
        /// Refused; the rest of it is swallowed.
        case refused
    }

    private struct Stream {
        var progress: Progress
        var deadline: Instant
    }

    private var streams: [Key: Stream] = [:]

    /// When something is to be forgotten.
    var nextDeadline: Instant? { streams.values.lazy.map(\.deadline).min() }

    /// Gives up streams whose time is over.
    mutating func expire(at now: Instant) {
        if streams.values.contains(where: { $0.deadline <= now }) {
            streams = streams.filter { $0.value.deadline > now }
        }
    }

    /// Takes a part of a stream.
    mutating func take(_ part: RoutedPacket, of message: DataMessage, at now: Instant) -> Outcome {
        switch part.packet.value {
        case .streamHeader(let header):
            return open(header, part, message, at: now)
        case .streamChunk(let chunk):
            return extend(Key(sender: message.sender.id, stream: chunk.streamID), chunk, part)
        case .streamTrailer(let trailer):
            return close(Key(sender: message.sender.id, stream: trailer.streamID), trailer, part)
        default:
            return .notChat
        }
    }

    private mutating func open(
        _ header: LiveKit_DataStream.Header, _ part: RoutedPacket, _ message: DataMessage, at now: Instant
    ) -> Outcome {
        let key = Key(sender: message.sender.id, stream: header.streamID)
        // One id for two streams: neither can be told from the other.
        if streams[key] != nil { return refuse(key, .unreadable) }
        guard header.topic == DataContent.streamTopic, case .textHeader(let text) = header.contentHeader else {
            return .notChat
        }
        guard ChatSubmission.isSound(id: header.streamID) else { return .dropped }
        let isFull =
            streams.count >= Self.streamsPerRoom
            || streams.keys.count { $0.sender == key.sender } >= Self.streamsPerSender
        guard !isFull else { return .dropped }
        var gathering = Gathering(
            submission: ChatSubmission(
                id: header.streamID, text: "", intent: ChatSubmission.Intent(text.operationType), form: .textStream,
                isPrivate: part.isPrivate, timestamp: header.timestamp, room: message.room, sender: message.sender),
            packets: [part], statedLength: header.hasTotalLength ? header.totalLength : nil)
        streams[key] = Stream(progress: .gathering(gathering), deadline: now.advanced(by: Self.patience))
        guard header.compression == .none else { return refuse(key, .unreadable) }
        if let length = gathering.statedLength, length > Self.textLimit { return refuse(key, .tooLong) }
        guard header.hasInlineContent else { return .waiting }
        guard header.inlineContent.count <= Self.textLimit else { return refuse(key, .tooLong) }
        gathering.text = Array(header.inlineContent)
        gathering.statedLength = nil
        return finish(key, gathering)
    }

    private mutating func extend(
        _ key: Key, _ chunk: LiveKit_DataStream.Chunk, _ part: RoutedPacket
    ) -> Outcome {
        guard let stream = streams[key] else { return .notChat }
        guard case .gathering(var gathering) = stream.progress else { return .dropped }
        // Chunks come in order over the reliable channel; one that is missing, or comes twice, is a mistake or a trick.
        guard chunk.chunkIndex == gathering.nextChunk, gathering.packets.count < Self.packetLimit - 1 else {
            return refuse(key, .unreadable)
        }
        guard gathering.text.count + chunk.content.count <= Self.textLimit else { return refuse(key, .tooLong) }
        gathering.text.append(contentsOf: chunk.content)
        gathering.packets.append(part)
        gathering.nextChunk += 1
        streams[key]?.progress = .gathering(gathering)
        return .waiting
    }

    private mutating func close(
        _ key: Key, _ trailer: LiveKit_DataStream.Trailer, _ part: RoutedPacket
    ) -> Outcome {
        guard let stream = streams[key] else { return .notChat }
        guard case .gathering(var gathering) = stream.progress, trailer.reason.isEmpty else {
            // Refused before, or given up by its sender.
            streams[key] = nil
            return .dropped
        }
        gathering.packets.append(part)
        return finish(key, gathering)
    }

    private mutating func finish(_ key: Key, _ gathering: Gathering) -> Outcome {
        streams[key] = nil
        let isWhole = gathering.statedLength.map { $0 == UInt64(gathering.text.count) } ?? true
        guard isWhole, let text = String(validating: gathering.text, as: UTF8.self) else {
            return .refused(id: key.stream, .unreadable)
        }
        var submission = gathering.submission
        submission.text = text
        return .complete(submission, gathering.packets)
    }

    /// The sender is told once.
    private mutating func refuse(_ key: Key, _ refusal: ChatRefusal) -> Outcome {
        if case .refused = streams[key]?.progress { return .dropped }
        streams[key]?.progress = .refused
        return .refused(id: key.stream, refusal)
    }
}

extension ChatSubmission.Intent {
    fileprivate init(_ operation: LiveKit_DataStream.OperationType) {
        switch operation {
        case .update: self = .edit
        case .delete: self = .deletion
        case .create, .reaction, .UNRECOGNIZED: self = .message
        }
    }
}
