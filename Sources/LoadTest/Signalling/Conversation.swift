import LiveKitProtocol
import Media
import SwiftProtobuf
import Synchronization

/// What has been said so far, which the next message may depend on.
final class Conversation: Sendable {
    private let participant: LoadParticipant
    private let outgoing: AsyncStream<LiveKit_SignalRequest>.Continuation
    private let credentials: (publisher: ICECredentials, subscriber: ICECredentials)
    private let media: PublishedMedia
    private let state = Mutex(State())

    private struct State {
        var subscriber = ServerWay()
        var publisher = ServerWay()
        /// What the last offer brings.
        var offered: [OfferedStream] = []
        /// What the answer left of what we offered.
        var settled: PublishedMedia?
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
        case .trickle(let trickle):
            guard let candidate = TrickledCandidate(json: trickle.candidateInit)?.candidate else { break }
            let isOfPublisher = trickle.target == .publisher
            let end = state.withLock { state in
                isOfPublisher ? state.publisher.learn(candidate) : state.subscriber.learn(candidate)
            }
            if let end { isOfPublisher ? publish(to: end) : watch(end) }
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
        guard case .viewer = participant.role else { return }
        let streams = ClientDescription.streams(of: description)
        let end = state.withLock { state in
            state.offered = streams
            return state.subscriber.learn(server)
        }
        if let end { watch(end) } else { participant.thread.post(.expect(participant.id, streams)) }
    }

    private func watch(_ server: ServerEnd) {
        guard case .viewer(let number) = participant.role else { return }
        let plan = participant.plan
        participant.thread.post(
            .watch(
                participant.id, server, credentials.subscriber, decodes: number < plan.decoders,
                plan.line(ofViewer: number)))
        participant.thread.post(.expect(participant.id, state.withLock(\.offered)))
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
        let end = state.withLock { state in
            state.settled = settled
            return state.publisher.learn(server)
        }
        if let end { publish(to: end) }
    }

    private func publish(to server: ServerEnd) {
        guard let settled = state.withLock(\.settled) else { return }
        participant.thread.post(.publish(participant.id, server, credentials.publisher, settled))
    }
}
