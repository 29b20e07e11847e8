import Media

/// The payload types and header extensions that a publisher's answer settled.
struct PublishedMedia: Sendable {
    var audioPayloadType: UInt8
    var videoPayloadType: UInt8
    var rtxPayloadType: UInt8?
    var audioSSRC: UInt32
    /// Low to high.
    var video: [(ssrc: UInt32, rtxSSRC: UInt32)]
    var audioMID: String
    var videoMID: String
    var midID: UInt8
    var ridID: UInt8
    var repairedRIDID: UInt8
    /// 0: not agreed on.
    var transportWideID: UInt8
    var captureTimeID: UInt8
}

/// A publisher's media while it is sent: films, encodes, sends, and answers what the server asks. For one thread.
final class PublisherMedia {
    let transport: ClientTransport
    private let media: PublishedMedia
    private let camera: SyntheticCamera
    private let microphone: SyntheticMicrophone
    private let times: SendTimes
    private var audio: OutgoingStream
    private var layers: [OutgoingStream]
    private var transportSequence: UInt16 = 0
    private var nextPicture: Instant
    private var nextSound: Instant
    private var nextReport: Instant
    private var pictures = 0
    private var sounds = 0
    private(set) var report = PublisherReport()

    /// - Parameter number: of the publisher; no two send the same.
    init(
        _ transport: ClientTransport, _ media: PublishedMedia, profile: VideoProfile, number: Int, times: SendTimes,
        now: Instant
    ) throws {
        self.transport = transport
        self.media = media
        self.times = times
        camera = try SyntheticCamera(profile, number: number)
        microphone = try SyntheticMicrophone(number: number)
        (nextPicture, nextSound, nextReport) = (now, now, now)
        audio = OutgoingStream(
            ssrc: media.audioSSRC, payloadType: media.audioPayloadType, rtx: nil,
            extensions: [(media.midID, Array(media.audioMID.utf8))], rtxExtensions: [])
        layers = zip(media.video, profile.layers).map { ssrcs, layer in
            let mid = (id: media.midID, value: Array(media.videoMID.utf8))
            let rid = Array(layer.rid.utf8)
            return OutgoingStream(
                ssrc: ssrcs.ssrc, payloadType: media.videoPayloadType,
                rtx: media.rtxPayloadType.map { (ssrcs.rtxSSRC, $0) },
                extensions: rid.isEmpty ? [mid] : [mid, (media.ridID, rid)],
                rtxExtensions: rid.isEmpty ? [mid] : [mid, (media.repairedRIDID, rid)])
        }
    }

    func advance(to now: Instant) {
        guard transport.isConnected else {
            (nextPicture, nextSound, nextReport) = (now, now, now)
            return
        }
        if now >= nextPicture { film(now) }
        if now >= nextSound { listen(now) }
        if now >= nextReport {
            nextReport = now + .seconds(1)
            let ntp = NTPTime(unixNanoseconds: Clock.wall()).rawValue
            transport.send(
                rtcp: ([audio] + layers).map { stream in
                    .senderReport(
                        SenderReport(
                            ssrc: stream.ssrc, ntp: ntp, rtpTimestamp: stream.timestamp, packetCount: stream.packets,
                            octetCount: stream.octets))
                })
        }
    }

    private func film(_ now: Instant) {
        pictures += 1
        nextPicture = max(nextPicture + .nanoseconds(1_000_000_000 / Int64(camera.profile.framesPerSecond)), now)
        let timestamp = UInt32(truncatingIfNeeded: pictures * 90_000 / camera.profile.framesPerSecond)
        let milliseconds = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000)
        let captured = NTPTime(unixNanoseconds: Clock.wall()).rawValue
        guard let taken = try? camera.film(timestamp: timestamp, milliseconds: milliseconds) else { return }
        report.frames += 1
        for picture in taken {
            for (index, payload) in picture.payloads.enumerated() {
                let isLast = index == picture.payloads.count - 1
                times.note(payload.span.bytes, at: Clock.now())
                transport.send(rtp: { start in
                    layers[picture.layer].write(
                        payload, timestamp: timestamp, marker: isLast, added: added(captured: captured), to: start)
                })
                report.packets += 1
            }
        }
    }

    private func listen(_ now: Instant) {
        sounds += 1
        nextSound = max(nextSound + .milliseconds(20), now - .milliseconds(100))
        guard let payload = try? microphone.listen() else { return }
        let timestamp = UInt32(truncatingIfNeeded: sounds * SyntheticMicrophone.samples)
        times.note(payload.span.bytes, at: Clock.now())
        transport.send(rtp: { start in
            audio.write(payload, timestamp: timestamp, marker: sounds == 1, added: added(), to: start)
        })
        report.packets += 1
    }

    /// The header extensions that are of one packet alone.
    private func added(captured: UInt64? = nil) -> AddedExtensions {
        transportSequence &+= 1
        return AddedExtensions(
            transportWide: media.transportWideID == 0 ? nil : (media.transportWideID, transportSequence),
            captured: media.captureTimeID == 0 ? nil : captured.map { (media.captureTimeID, $0) })
    }

    func receive(_ packets: [RTCPPacket], now: Instant) {
        for packet in packets {
            switch packet {
            case .pictureLossIndication(let loss): forceKeyframe(loss.mediaSSRC)
            case .fullIntraRequest(let request): for entry in request.entries { forceKeyframe(entry.ssrc) }
            case .nack(let nack):
                guard let layer = layers.firstIndex(where: { $0.ssrc == nack.mediaSSRC }) else { continue }
                for number in nack.sequenceNumbers {
                    transport.send(rtp: { layers[layer].writeAgain(number, added: added(), to: $0) ?? 0 })
                    report.retransmissions += 1
                }
            default: continue
            }
        }
    }

    private func forceKeyframe(_ ssrc: UInt32) {
        guard let layer = layers.firstIndex(where: { $0.ssrc == ssrc }) else { return }
        camera.forceKeyframe(layer: layer)
        report.keyframeRequests += 1
    }
}
