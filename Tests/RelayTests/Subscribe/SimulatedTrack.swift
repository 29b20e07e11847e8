import Media

@testable import Relay

/// A generator whose numbers repeat for the same seed.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// One simulcast encoding of VP8 as a browser sends it, with three temporal layers. Each payload says which frame and
/// packet it is, so that a test can tell what a viewer really got.
struct SimulatedEncoder {
    /// At the publisher: 5 is the orientation, 9 its mid.
    static let extensions = ExtensionMap(negotiated: [
        (id: UInt8(5), uri: RTPExtensionURI.videoOrientation), (id: UInt8(9), uri: RTPExtensionURI.mid),
    ])
    static let clockRate: Int64 = 90_000

    var layer: Int
    var ssrc: UInt32
    var sequence: UInt16
    var timestampBase: UInt32
    var pictureID: UInt16
    var is15Bit = true
    var tl0: UInt8
    var frame: UInt16 = 0
    private var position = 0

    init(layer: Int, using generator: inout SplitMix64) {
        self.layer = layer
        ssrc = .random(in: 1 ... .max, using: &generator)
        sequence = .random(in: 0 ... .max, using: &generator)
        timestampBase = .random(in: 0 ... .max, using: &generator)
        pictureID = .random(in: 0..<0x8000, using: &generator)
        tl0 = .random(in: 0 ... .max, using: &generator)
    }

    /// Temporal id and layer sync of each picture of a cycle.
    private static let pattern: [(UInt8, Bool)] = [
        (0, false), (2, true), (1, true), (2, false), (0, false), (2, true), (1, true), (2, false),
    ]

    func timestamp(at time: Instant) -> UInt32 {
        timestampBase &+ UInt32(truncatingIfNeeded: time.nanoseconds * Self.clockRate / 1_000_000_000)
    }

    mutating func encode(at time: Instant, keyframe: Bool, packets: Int) -> [[UInt8]] {
        if keyframe { position = 0 }
        let (temporal, sync) = Self.pattern[position]
        position = (position + 1) % Self.pattern.count
        if temporal == 0 { tl0 &+= 1 }
        pictureID = (pictureID &+ 1) & (is15Bit ? 0x7FFF : 0x7F)
        frame &+= 1
        return (0..<packets).map { index in
            var payload = ByteWriter()
            VP8Descriptor(
                isStartOfPartition: index == 0, pictureID: pictureID, pictureIDIs15Bit: is15Bit, tl0PictureIndex: tl0,
                temporalID: temporal, isLayerSync: sync
            ).serialize(into: &payload)
            payload.write([keyframe ? 0 : 1, 0, 0, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xF0, 0x00])
            payload.write(
                [
                    UInt8(layer), keyframe ? 1 : 0, UInt8(frame >> 8), UInt8(truncatingIfNeeded: frame), UInt8(index),
                    UInt8(packets),
                ])
            return packet(at: time, marker: index == packets - 1, payload: payload.bytes)
        }
    }

    /// A packet with nothing in it but padding.
    mutating func padding(at time: Instant) -> [UInt8] {
        var bytes = packet(at: time, marker: false, payload: [0, 0, 3])
        bytes[0] |= 0x20
        return bytes
    }

    private mutating func packet(at time: Instant, marker: Bool, payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(0x90))
        writer.write(UInt8((marker ? 0x80 : 0) | 96))
        writer.write(sequence)
        writer.write(timestamp(at: time))
        writer.write(ssrc)
        // mid "0" and orientation 1.
        writer.write([0xBE, 0xDE, 0, 1, 0x90, 0x30, 0x50, 0x01])
        writer.write(payload)
        sequence &+= 1
        return writer.bytes
    }
}

/// A packet as a viewer sees it.
struct SeenPacket {
    /// Unwrapped.
    var sequence: Int64
    var header: RTPHeader
    var descriptor: VP8Descriptor?
    var layer = 0
    var isKeyframe = false
    var frame: UInt16 = 0
    var part = 0
    var parts = 0
    var bytes: [UInt8]

    var isFiller: Bool { descriptor == nil }
    var isFrameStart: Bool { descriptor.map { $0.isStartOfPartition } ?? false }

    init(_ bytes: [UInt8], _ unwrapper: inout SequenceUnwrapper) throws {
        self.bytes = bytes
        header = try RTPHeader(parsing: bytes.span.bytes)
        sequence = unwrapper.unwrap(header.sequenceNumber)
        let payload = header.payload(of: bytes.span.bytes).array
        guard !payload.isEmpty else { return }
        let descriptor = try VP8Descriptor(parsing: payload.span.bytes)
        self.descriptor = descriptor
        let tag = payload[(descriptor.length + 10)...].map { $0 }
        layer = Int(tag[0])
        isKeyframe = tag[1] == 1
        frame = UInt16(tag[2]) << 8 | UInt16(tag[3])
        part = Int(tag[4])
        parts = Int(tag[5])
    }
}

/// A publisher with simulcast, the relay's two sides and one viewer, in simulated time.
final class SimulatedTrack {
    struct Network {
        var loss = 0.0
        var reordering = 0.0
        var duplication = 0.0
        var padding = 0.0
    }

    var now = Instant(nanoseconds: 5_000_000_000)
    var network = Network()
    var encoders: [SimulatedEncoder]
    let incoming: [IncomingLayer]
    var readers: [PacketRing.Reader]
    let subscription: Subscription
    var generator: SplitMix64
    var isMuted = false
    /// Layers that send nothing.
    var silent: Set<Int> = []
    var seen: [SeenPacket] = []
    var states: [Subscription.State] = []
    /// Packets that never reached the relay.
    var lost = 0
    var keyframesAsked = 0
    /// The publisher's timestamps.
    private(set) var timestamps: [FrameID: UInt32] = [:]

    struct FrameID: Hashable {
        var layer: Int
        var frame: UInt16
    }

    private var unwrapper = SequenceUnwrapper()
    private var keyframeWanted: Set<Int> = []
    private var delayed: [(layer: Int, packet: [UInt8])] = []
    private var frames = 0

    init(seed: UInt64, layers: Int = 3, rtx: Bool = false) {
        var generator = SplitMix64(seed: seed)
        encoders = (0..<layers).map { SimulatedEncoder(layer: $0, using: &generator) }
        incoming = (0..<layers).map { _ in
            IncomingLayer(
                ring: PacketRing(capacity: 1024),
                configuration: IncomingLayer.Configuration(
                    codec: .video(.vp8), clockRate: 90_000, extensions: SimulatedEncoder.extensions, sendsNack: true))
        }
        readers = incoming.map { PacketRing.Reader(atEndOf: $0.ring) }
        subscription = Subscription(
            Subscription.Configuration(
                ssrc: 0x1234_5678, payloadType: 100,
                rtx: rtx ? Subscription.RTXStream(ssrc: 0x8765_4321, payloadType: 101) : nil, codec: .video(.vp8),
                clockRate: 90_000, layerCount: layers, hasPlayoutDelay: true), using: &generator)
        self.generator = generator
    }

    /// A thirtieth of a second.
    func step() throws {
        frames += 1
        now = now + .nanoseconds(33_333_333)
        if !isMuted {
            for layer in encoders.indices where !silent.contains(layer) { try send(layer) }
        }
        let effects = subscription.advance(to: now)
        if let layer = effects.requestKeyframe { askForKeyframe(layer) }
        if let state = effects.state { states.append(state) }
        for layer in incoming.indices where incoming[layer].advance(to: now).requestKeyframe {
            keyframeWanted.insert(layer)
        }
    }

    func run(frames: Int) throws {
        for _ in 0..<frames { try step() }
    }

    func askForKeyframe(_ layer: Int) {
        guard incoming[layer].requestKeyframe(now) else { return }
        keyframesAsked += 1
        keyframeWanted.insert(layer)
    }

    /// The publisher comes back with a new SSRC for every layer and everything else new.
    func reconnect() {
        for layer in encoders.indices { encoders[layer] = SimulatedEncoder(layer: layer, using: &generator) }
        keyframeWanted.formUnion(encoders.indices)
    }

    private func send(_ layer: Int) throws {
        if frames % 30 == layer { try report(layer) }
        let wanted = keyframeWanted.remove(layer) != nil
        let isFirst = encoders[layer].frame == 0
        var packets = encoders[layer].encode(
            at: now, keyframe: wanted || isFirst, packets: .random(in: 1...4, using: &generator))
        timestamps[FrameID(layer: layer, frame: encoders[layer].frame)] = encoders[layer].timestamp(at: now)
        if chance(network.padding) { packets.append(encoders[layer].padding(at: now)) }
        for packet in packets {
            if chance(network.loss) {
                lost += 1
                continue
            }
            if chance(network.reordering) {
                delayed.append((layer, packet))
                continue
            }
            try receive(packet, layer: layer)
            if chance(network.duplication) { try receive(packet, layer: layer) }
            if chance(0.5), !delayed.isEmpty {
                let (layer, packet) = delayed.removeFirst()
                try receive(packet, layer: layer)
            }
        }
        try drain(layer)
    }

    /// Everything that is still on its way arrives.
    func flush() throws {
        for (layer, packet) in delayed { try receive(packet, layer: layer) }
        delayed = []
        for layer in incoming.indices { try drain(layer) }
    }

    func report(_ layer: Int) throws {
        let report = SenderReport(
            ssrc: encoders[layer].ssrc,
            ntp: NTPTime(unixNanoseconds: 1_700_000_000_000_000_000 + now.nanoseconds).rawValue,
            rtpTimestamp: encoders[layer].timestamp(at: now), packetCount: 1, octetCount: 1)
        incoming[layer].receive(report, arrival: now)
    }

    private func receive(_ packet: [UInt8], layer: Int) throws {
        let header = try RTPHeader(parsing: packet.span.bytes)
        _ = incoming[layer].receive(packet.span.bytes, header: header, arrival: now, isRetransmission: false)
        try drain(layer)
    }

    private func drain(_ layer: Int) throws {
        while let info = readers[layer].next(in: incoming[layer].ring) {
            guard let rewrite = subscription.rewrite(info, layer: layer) else { continue }
            seen.append(try SeenPacket(write(rewrite, info), &unwrapper))
        }
    }

    func write(_ rewrite: Rewrite, _ info: PacketInfo) -> [UInt8] {
        let ring = incoming[Int(rewrite.layer)].ring
        return [UInt8](unsafeUninitializedCapacity: info.byteCount + Rewrite.overhead) { buffer, count in
            count = rewrite.write(
                info, bytes: ring.bytes(at: rewrite.index), into: UnsafeMutableRawPointer(buffer.baseAddress!))
        }
    }

    /// The bytes of a rewrite that the history gave back.
    func write(_ rewrite: Rewrite) throws -> [UInt8]? {
        incoming[Int(rewrite.layer)].ring.info(at: rewrite.index).map { write(rewrite, $0) }
    }

    private func chance(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &generator) < probability
    }
}
