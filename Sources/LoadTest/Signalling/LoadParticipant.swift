import LiveKitProtocol
import Media
import SwiftProtobuf
import Synchronization

/// How far one participant came, and when.
struct ParticipantProgress: Sendable {
    var began: Instant
    var joined: Instant?
    var error: LoadTestError?
}

/// One participant from the first signalling message to the last: talks to the server, and tells a media thread what was
/// agreed on.
struct LoadParticipant: Sendable {
    let id: PeerID
    let role: LoadTestRole
    let plan: LoadTestPlan
    let thread: MediaThread
    let token: String

    /// Takes part until it is cancelled or dismissed. `note` is told of what happens.
    func run(_ note: @Sendable @escaping (_ change: @Sendable (inout ParticipantProgress) -> Void) -> Void) async {
        do {
            let link = try await SignalLink.open(plan.server, token: token)
            let (requests, outgoing) = AsyncStream.makeStream(of: LiveKit_SignalRequest.self)
            let conversation = Conversation(self, outgoing)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(5))
                        outgoing.yield(.with { $0.pingReq = .with { $0.timestamp = Clock.wall() / 1_000_000 } })
                    }
                }
                group.addTask {
                    try await link.converse(sending: requests) { response in
                        if case .join = response.message { note { $0.joined = Clock.now() } }
                        return try conversation.handle(response)
                    }
                    throw LoadTestError.disconnected
                }
                try await group.next()
            }
        } catch is CancellationError {
        } catch let error as LoadTestError where !Task.isCancelled {
            note { $0.error = error }
        } catch  where !Task.isCancelled {
            note { $0.error = .disconnected }
        } catch {}
        thread.post(.close(id))
    }
}

/// What has been said so far, which the next message may depend on.
private final class Conversation: Sendable {
    private let participant: LoadParticipant
    private let outgoing: AsyncStream<LiveKit_SignalRequest>.Continuation
    private let credentials: (publisher: ICECredentials, subscriber: ICECredentials)
    private let media: PublishedMedia
    private let state = Mutex(State())

    private struct State {
        var isWatching = false
        var isPublishing = false
        var published = 0
    }

    private static let names = (audio: "load-audio", video: "load-video")

    init(_ participant: LoadParticipant, _ outgoing: AsyncStream<LiveKit_SignalRequest>.Continuation) {
        self.participant = participant
        self.outgoing = outgoing
        var random = SystemRandomNumberGenerator()
        credentials = (.random(using: &random), .random(using: &random))
        media = ClientDescription.media(participant.plan.video)
    }

    /// False when the conversation is over.
    func handle(_ response: LiveKit_SignalResponse) throws -> Bool {
        switch response.message {
        case .join: if case .publisher = participant.role { announce() }
        case .offer(let offer):
            try answer(offer)
        case .trackPublished:
            let count = state.withLock { state in
                state.published += 1
                return state.published
            }
            if count == 2 { offer() }
        case .answer(let answer): try publish(answer)
        case .leave: throw LoadTestError.dismissed
        default: break
        }
        return true
    }

    private func answer(_ offer: LiveKit_SessionDescription) throws {
        guard let description = try? SessionDescription(parsing: offer.sdp), let server = ServerEnd(description) else {
            throw LoadTestError.badDescription
        }
        let certificate = participant.thread.certificate
        let answer = ClientDescription.answer(
            description, credentials: credentials.subscriber, fingerprint: certificate.fingerprint)
        outgoing.yield(
            .with {
                $0.answer = .with {
                    $0.type = "answer"
                    $0.sdp = answer.serialized()
                    $0.id = offer.id
                }
            })
        guard case .viewer(let number) = participant.role else { return }
        let isFirst = state.withLock { state in
            defer { state.isWatching = true }
            return !state.isWatching
        }
        if isFirst {
            participant.thread.post(
                .watch(
                    participant.id, server, credentials.subscriber, decodes: number < participant.plan.decoders))
        }
        participant.thread.post(.expect(participant.id, ClientDescription.streams(of: description)))
    }

    private func announce() {
        let profile = participant.plan.video
        outgoing.yield(
            .with {
                $0.addTrack = .with {
                    $0.cid = Self.names.audio
                    $0.name = "microphone"
                    $0.type = .audio
                    $0.source = .microphone
                }
            })
        outgoing.yield(
            .with {
                $0.addTrack = .with {
                    $0.cid = Self.names.video
                    $0.name = "camera"
                    $0.type = .video
                    $0.source = .camera
                    $0.width = UInt32(profile.top.width)
                    $0.height = UInt32(profile.top.height)
                    $0.layers = zip([LiveKit_VideoQuality.low, .medium, .high], profile.layers).map { quality, layer in
                        .with {
                            $0.quality = profile.isSimulcast ? quality : .high
                            $0.width = UInt32(layer.width)
                            $0.height = UInt32(layer.height)
                            $0.bitrate = UInt32(layer.bitrate)
                        }
                    }
                }
            })
    }

    private func offer() {
        let description = ClientDescription.offer(
            participant.plan.video, media, trackNames: Self.names, credentials: credentials.publisher,
            fingerprint: participant.thread.certificate.fingerprint)
        outgoing.yield(
            .with {
                $0.offer = .with {
                    $0.type = "offer"
                    $0.sdp = description.serialized()
                }
            })
    }

    private func publish(_ answer: LiveKit_SessionDescription) throws {
        guard let description = try? SessionDescription(parsing: answer.sdp), let server = ServerEnd(description),
            let settled = ClientDescription.settle(media, description)
        else { throw LoadTestError.badDescription }
        let isFirst = state.withLock { state in
            defer { state.isPublishing = true }
            return !state.isPublishing
        }
        guard isFirst else { return }
        participant.thread.post(.publish(participant.id, server, credentials.publisher, settled))
    }
}
