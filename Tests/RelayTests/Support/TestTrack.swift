import Media

@testable import Relay

/// A track that a test peer publishes, and the state of its streams. One encoding for audio and plain video, three for
/// simulcast.
struct TestTrack: Sendable {
    /// One SSRC with its retransmission stream.
    struct Encoding: Sendable {
        var rid: String
        var ssrc: UInt32
        var rtxSSRC: UInt32
        var width = 0
        var height = 0
        var isLive = true
        var sequence: UInt16
        var rtxSequence: UInt16 = 1
        var timestamp: UInt32
        var pictureID: UInt16 = 100
        var number: UInt32 = 0
        var wantsKeyframe = true
        var keyframes = 0
        /// Payloads by sequence number, to send again.
        var sent: [UInt16: (payload: [UInt8], timestamp: UInt32, marker: Bool)] = [:]
        /// Numbers of packets that are made but not sent.
        var dropped: [UInt16] = []
    }

    /// Header extension identifiers, none of them the ones that viewers get.
    enum ExtensionID {
        static let absSendTime: UInt8 = 2
        static let transportWideCC: UInt8 = 3
        static let mid: UInt8 = 5
        static let audioLevel: UInt8 = 9
        static let rid: UInt8 = 10
        static let repairedRID: UInt8 = 11
        static let orientation: UInt8 = 13
    }

    static let audioPayloadType: UInt8 = 109
    static let redundantPayloadType: UInt8 = 108
    static let videoPayloadType: UInt8 = 120
    static let rtxPayloadType: UInt8 = 121

    var clientID: String
    var kind: TrackKind
    var mid: String
    var encodings: [Encoding]
    var id: TrackID?
    /// Audio of 200 bytes a packet, each with the packet before it (RFC 2198).
    var isRedundant = false
    /// −dBov, for audio.
    var level: UInt8 = 20
    /// Sends while true; the section is offered inactive once `isPublished` is false.
    var isSending = true
    var isPublished = true
    /// Packets of each encoding that are left out from now on.
    var packetsToDrop = 0
    var answersKeyframeRequests = true
    var answersNACKs = true
    /// Bytes of a picture beside what tells pictures apart, on the lowest layer.
    var pictureSize = 40

    var isSimulcast: Bool { encodings.count > 1 }

    init(_ kind: TrackKind, clientID: String, mid: String, rids: [String], firstSSRC: UInt32) {
        self.clientID = clientID
        self.kind = kind
        self.mid = mid
        encodings = rids.enumerated().map { index, rid in
            let scale = 1 << (rids.count - 1 - index)
            return Encoding(
                rid: rid, ssrc: firstSSRC + UInt32(index) * 2, rtxSSRC: firstSSRC + UInt32(index) * 2 + 1,
                width: 1280 / scale, height: 720 / scale, sequence: 65_500, timestamp: 4_294_900_000)
        }
    }

    var payloadType: UInt8 {
        kind == .video ? Self.videoPayloadType : isRedundant ? Self.redundantPayloadType : Self.audioPayloadType
    }

    /// The section of an offer that carries this track.
    var section: MediaDescription {
        var codecs =
            kind == .audio
            ? [
                Codec(
                    payloadType: Self.audioPayloadType, name: "opus", clockRate: 48000, channels: 2,
                    parameters: ["useinbandfec": "1"])
            ]
            : [
                Codec(
                    payloadType: Self.videoPayloadType, name: "VP8", clockRate: 90000,
                    feedback: [.nack, .pli, .fir, .transportCC, .remb]),
                Codec(
                    payloadType: Self.rtxPayloadType, name: "rtx", clockRate: 90000,
                    parameters: ["apt": "\(Self.videoPayloadType)"]),
            ]
        if isRedundant {
            let types = FormatParameters([.init(key: "\(Self.audioPayloadType)/\(Self.audioPayloadType)", value: nil)])
            codecs.append(
                Codec(
                    payloadType: Self.redundantPayloadType, name: "red", clockRate: 48000, channels: 2,
                    parameters: types))
        }
        var extensions = [
            HeaderExtension(id: ExtensionID.absSendTime, uri: RTPExtensionURI.absSendTime),
            HeaderExtension(id: ExtensionID.transportWideCC, uri: RTPExtensionURI.transportWideCC),
            HeaderExtension(id: ExtensionID.mid, uri: RTPExtensionURI.mid),
        ]
        if kind == .audio {
            extensions.append(HeaderExtension(id: ExtensionID.audioLevel, uri: RTPExtensionURI.audioLevel))
        } else {
            extensions += [
                HeaderExtension(id: ExtensionID.rid, uri: RTPExtensionURI.rid),
                HeaderExtension(id: ExtensionID.repairedRID, uri: RTPExtensionURI.repairedRID),
                HeaderExtension(id: ExtensionID.orientation, uri: RTPExtensionURI.videoOrientation),
            ]
        }
        var section = MediaDescription(
            kind: kind == .audio ? .audio : .video, mid: mid, direction: isPublished ? .sendonly : .inactive,
            codecs: codecs, headerExtensions: extensions)
        guard isPublished else { return section }
        section.msid = MSID(stream: "stream", track: clientID)
        if isSimulcast {
            section.rids = encodings.map { RID(id: $0.rid, direction: .send) }
            section.simulcast = Simulcast(sendRIDs: encodings.map(\.rid))
        } else {
            section.ssrcs = [SSRCAttribute(ssrc: encodings[0].ssrc, attribute: "cname", value: "c")]
            if kind == .video {
                section.ssrcs.append(SSRCAttribute(ssrc: encodings[0].rtxSSRC, attribute: "cname", value: "c"))
                section.ssrcGroups = [
                    SSRCGroup(semantics: "FID", ssrcs: [encodings[0].ssrc, encodings[0].rtxSSRC])
                ]
            }
        }
        return section
    }

    /// An Opus packet as far as anybody looks into it.
    func sound(_ number: UInt32) -> [UInt8] {
        [0x78, UInt8(truncatingIfNeeded: number), 3, 4, 5] + [UInt8](repeating: 0xCD, count: isRedundant ? 195 : 0)
    }

    private func redundant(_ number: UInt32) -> [UInt8] {
        let type = Self.audioPayloadType
        let older = number == 0 ? [] : [(payloadType: type, timestampOffset: UInt16(960), data: sound(number - 1))]
        return RED.payload(older: older, primary: (type, sound(number)))!
    }

    /// The next packet of an encoding: its payload, and whether it is to be lost on the way.
    mutating func next(_ index: Int) -> (payload: [UInt8], sequence: UInt16, timestamp: UInt32, isLost: Bool) {
        var encoding = encodings[index]
        defer { encodings[index] = encoding }
        let payload: [UInt8]
        switch kind {
        case .audio:
            encoding.timestamp &+= 960
            payload = isRedundant ? redundant(encoding.number) : sound(encoding.number)
        case .video:
            encoding.timestamp &+= 1800
            let isKeyframe = encoding.wantsKeyframe
            encoding.wantsKeyframe = false
            encoding.keyframes += isKeyframe ? 1 : 0
            let picture = TestPicture(
                isKeyframe: isKeyframe, layer: UInt8(index), number: encoding.number, pictureID: encoding.pictureID)
            payload = picture.payload(
                width: encoding.width, height: encoding.height, tl0: UInt8(truncatingIfNeeded: encoding.number),
                size: pictureSize * (index + 1))
            encoding.pictureID = (encoding.pictureID + 1) & 0x7FFF
        }
        encoding.number += 1
        encoding.sequence &+= 1
        let sequence = encoding.sequence
        encoding.sent[sequence] = (payload, encoding.timestamp, kind == .video)
        encoding.sent[sequence &- 400] = nil
        let isLost = packetsToDrop > 0
        if isLost { encoding.dropped.append(sequence) }
        return (payload, sequence, encoding.timestamp, isLost)
    }
}
