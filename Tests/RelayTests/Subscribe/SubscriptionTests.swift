import Media
import Testing

@testable import Relay

@Suite struct Subscriptions {
    @Test(arguments: UInt64(0)..<8)
    func `a viewer of one layer gets every frame in an unbroken stream`(seed: UInt64) throws {
        let track = SimulatedTrack(seed: seed, layers: 1)
        try track.run(frames: 300)
        let check = DecoderCheck(track.seen, isLossless: true)
        check.expectNoFaults()
        #expect(check.frames == 300)
        #expect(track.seen.allSatisfy { $0.header.ssrc == 0x1234_5678 && $0.header.payloadType == 100 })
    }

    @Test(arguments: UInt64(0)..<8)
    func `switching layers, pausing, temporal layers and padding leave no trace`(seed: UInt64) throws {
        let track = SimulatedTrack(seed: seed)
        track.network.padding = 0.1
        track.network.duplication = 0.05
        for _ in 0..<30 {
            switch Int.random(in: 0..<6, using: &track.generator) {
            case 0: track.subscription.setWanted(.nothing)
            case 1: track.subscription.setMaximumTemporalLayer(.random(in: 0...2, using: &track.generator))
            case 2: track.askForKeyframe(.random(in: 0...2, using: &track.generator))
            default: track.subscription.setWanted(.layer(.random(in: 0...2, using: &track.generator)))
            }
            try track.run(frames: .random(in: 1...60, using: &track.generator))
        }
        let check = DecoderCheck(track.seen, isLossless: true)
        check.expectNoFaults()
        #expect(check.frames > 100)
        #expect(track.subscription.statistics.switches > 2)
    }

    @Test(arguments: UInt64(0)..<8)
    func `reordering alone leaves no gap`(seed: UInt64) throws {
        let track = SimulatedTrack(seed: seed, layers: 1)
        try track.run(frames: 1)
        track.network.reordering = 0.2
        track.network.padding = 0.1
        for _ in 0..<10 {
            track.subscription.setMaximumTemporalLayer(.random(in: 0...2, using: &track.generator))
            try track.run(frames: 30)
        }
        try track.flush()
        let check = DecoderCheck(track.seen, isLossless: false)
        check.expectNoFaults()
        #expect(check.gaps == 0)
    }

    @Test(arguments: UInt64(0)..<12)
    func `under loss, reordering, switches, mutes and reconnections only what was lost is missing`(
        seed: UInt64
    ) throws {
        let track = SimulatedTrack(seed: seed)
        track.network = SimulatedTrack.Network(loss: 0.03, reordering: 0.03, duplication: 0.02, padding: 0.05)
        var reordered = 0
        for _ in 0..<40 {
            switch Int.random(in: 0..<10, using: &track.generator) {
            case 0: track.subscription.setWanted(.nothing)
            case 1: track.subscription.setMaximumTemporalLayer(.random(in: 0...2, using: &track.generator))
            case 2: track.isMuted.toggle()
            case 3: track.reconnect()
            case 4: track.silent = [.random(in: 0...2, using: &track.generator)]
            case 5: track.silent = []
            default: track.subscription.setWanted(.layer(.random(in: 0...2, using: &track.generator)))
            }
            // A switch can leave the gap of a packet that was only late: at most those on their way.
            reordered += 4
            try track.run(frames: .random(in: 1...60, using: &track.generator))
        }
        let check = DecoderCheck(track.seen, isLossless: false)
        check.expectNoFaults()
        #expect(check.gaps <= track.lost + reordered)
        #expect(check.frames > 100)
    }

    @Test func `header extensions are canonical and the publisher's own are gone`() throws {
        let track = SimulatedTrack(seed: 1, layers: 1)
        try track.run(frames: 1)
        let packet = try #require(track.seen.first)
        let extensions = packet.header.extensions(of: packet.bytes.span.bytes)
        let found = extensions.find(id: CanonicalExtension.videoOrientation.rawValue)
        let orientation = try #require(found)
        #expect(orientation.length == 1)
        #expect(packet.bytes[orientation.offset] == 1)
        let mid = extensions.find(id: 9)
        #expect(mid == nil)
    }

    @Test func `seven-bit picture ids stay seven bits`() throws {
        let track = SimulatedTrack(seed: 2, layers: 2)
        for layer in 0..<2 {
            track.encoders[layer].is15Bit = false
            track.encoders[layer].pictureID = 100
        }
        try track.run(frames: 200)
        track.subscription.setWanted(.layer(0))
        try track.run(frames: 200)
        let check = DecoderCheck(track.seen, isLossless: true)
        check.expectNoFaults()
        #expect(track.seen.allSatisfy { !$0.descriptor!.pictureIDIs15Bit })
        #expect(track.subscription.currentLayer == 0)
    }

    @Test func `nothing is sent while paused, and it resumes at a keyframe`() throws {
        let track = SimulatedTrack(seed: 3, layers: 1)
        try track.run(frames: 30)
        track.subscription.setWanted(.nothing)
        let before = track.seen.count
        try track.run(frames: 300)
        #expect(track.seen.count == before)
        #expect(track.subscription.receivePictureLoss(Instant(nanoseconds: 0)) == nil)
        track.subscription.setWanted(.layer(0))
        try track.run(frames: 30)
        #expect(track.seen[before].isKeyframe)
        // Ten seconds of pause are ten seconds of media time.
        let elapsed = Int32(bitPattern: track.seen[before].header.timestamp &- track.seen[before - 1].header.timestamp)
        #expect(abs(Int(elapsed) - 301 * 3000) < 2 * 3000)
        DecoderCheck(track.seen, isLossless: true).expectNoFaults()
    }

    @Test func `an unwanted temporal layer lowers the frame rate and leaves no gap`() throws {
        let track = SimulatedTrack(seed: 4, layers: 1)
        track.subscription.setMaximumTemporalLayer(0)
        try track.run(frames: 80)
        let check = DecoderCheck(track.seen, isLossless: true)
        check.expectNoFaults()
        #expect(check.frames == 20)
        track.subscription.setMaximumTemporalLayer(2)
        try track.run(frames: 80)
        #expect(DecoderCheck(track.seen, isLossless: true).frames > 85)
        DecoderCheck(track.seen, isLossless: true).expectNoFaults()
    }

    @Test func `without RTX a retransmission is byte for byte what was sent`() throws {
        let track = SimulatedTrack(seed: 5)
        try track.run(frames: 60)
        for packet in track.seen.suffix(50) {
            let resends = track.subscription.receive(nack: [packet.header.sequenceNumber], now: track.now)
            let rewrite = try #require(resends.first)
            #expect(try track.write(rewrite) == packet.bytes)
        }
    }

    @Test func `RTX carries the original under its own numbers`() throws {
        let track = SimulatedTrack(seed: 6, rtx: true)
        try track.run(frames: 60)
        var last: UInt16?
        for packet in track.seen.suffix(50) {
            let resends = track.subscription.receive(nack: [packet.header.sequenceNumber], now: track.now)
            let rewrite = try #require(resends.first)
            let bytes = try #require(try track.write(rewrite))
            let header = try RTPHeader(parsing: bytes.span.bytes)
            #expect(header.ssrc == 0x8765_4321)
            #expect(header.payloadType == 101)
            #expect(header.timestamp == packet.header.timestamp)
            #expect(header.marker == packet.header.marker)
            if let last { #expect(header.sequenceNumber == last &+ 1) }
            last = header.sequenceNumber
            let payload = header.payload(of: bytes.span.bytes)
            let original = RTX.originalSequenceNumber(payload: payload)
            #expect(original == packet.header.sequenceNumber)
            let inner = RTX.originalPayload(of: payload).array
            #expect(inner == packet.header.payload(of: packet.bytes.span.bytes).array)
        }
    }

    @Test func `an unknown, repeated or forgotten packet is not sent again`() throws {
        let track = SimulatedTrack(seed: 7, layers: 1)
        try track.run(frames: 30)
        let first = track.seen[0].header.sequenceNumber
        let last = try #require(track.seen.last).header.sequenceNumber
        #expect(track.subscription.receive(nack: [last &+ 1], now: track.now).isEmpty)
        #expect(track.subscription.receive(nack: [last], now: track.now).count == 1)
        #expect(track.subscription.receive(nack: [last], now: track.now + .milliseconds(5)).isEmpty)
        #expect(track.subscription.receive(nack: [last], now: track.now + .milliseconds(11)).count == 1)
        try track.run(frames: 1000)
        #expect(track.subscription.receive(nack: [first], now: track.now).isEmpty)
    }

    @Test func `a packet is sent again so many times at most, however patiently it is asked for`() throws {
        let track = SimulatedTrack(seed: 7, layers: 1)
        try track.run(frames: 30)
        let last = try #require(track.seen.last).header.sequenceNumber
        let answers = (1...50).map { track.subscription.receive(nack: [last], now: track.now + .seconds($0)).count }
        #expect(answers.reduce(0, +) == ForwardHistory.maximumResends)
    }

    @Test func `sender reports keep the publisher's clock and come with the first packets`() throws {
        let track = SimulatedTrack(seed: 8, layers: 1)
        try track.run(frames: 45)
        // A viewer who joins between two reports of the publisher.
        var generator = SplitMix64(seed: 9)
        let viewer = Subscription(
            Subscription.Configuration(ssrc: 9, payloadType: 100, codec: .video(.vp8), clockRate: 90_000),
            using: &generator)
        let ring = track.incoming[0].ring
        let sample = try #require(ring.latestSenderReport)
        viewer.note(sample, layer: 0)
        #expect(viewer.pollSenderReport(track.now) == nil)
        track.askForKeyframe(0)
        var reader = PacketRing.Reader(atEndOf: ring)
        try track.run(frames: 2)
        var written: Rewrite?
        while let info = reader.next(in: ring) {
            if let rewrite = viewer.rewrite(info, layer: 0) { written = rewrite }
        }
        let rewrite = try #require(written)
        let report = try #require(viewer.pollSenderReport(track.now))
        #expect(report.ssrc == 9)
        #expect(abs(report.ntpTime.unixNanoseconds - 1_700_000_000_000_000_000 - track.now.nanoseconds) < 1000)
        // The newest frame was captured now, so its timestamp is the report's.
        #expect(abs(Int32(bitPattern: report.rtpTimestamp &- rewrite.timestamp)) <= 1)
        #expect(viewer.pollSenderReport(track.now) == nil)
        #expect(viewer.pollSenderReport(track.now + .seconds(2)) != nil)
    }

    @Test func `the round trip is what our clock says between our report and its answer`() throws {
        let track = SimulatedTrack(seed: 10, layers: 1)
        try track.run(frames: 40)
        let report = try #require(track.subscription.pollSenderReport(track.now))
        let block = ReportBlock(
            ssrc: report.ssrc, fractionLost: 64, cumulativeLost: 5, highestSequence: 0, jitter: 900,
            lastSR: report.ntpTime.middle, delaySinceLastSR: Duration.milliseconds(500).ntpShort)
        track.subscription.receive(block, now: track.now + .milliseconds(580))
        let statistics = track.subscription.statistics
        let roundTrip = try #require(statistics.roundTrip)
        #expect(abs(roundTrip.inSeconds - 0.080) < 0.001)
        #expect(statistics.fractionLost == 0.25)
        #expect(statistics.jitter == .milliseconds(10))
    }

    @Test func `audio starts and resumes with any packet`() {
        var generator = SplitMix64(seed: 11)
        let viewer = Subscription(
            Subscription.Configuration(ssrc: 9, payloadType: 111, codec: .audio, clockRate: 48_000), using: &generator)
        var sent: [Rewrite] = []
        for number in 0..<200 {
            if number == 50 { viewer.setWanted(.nothing) }
            if number == 100 { viewer.setWanted(.layer(0)) }
            var info = PacketInfo()
            info.index = Int64(number)
            info.sequence = Int64(65_500 + number)
            info.timestamp = UInt32(truncatingIfNeeded: 4_294_900_000 + number * 960)
            info.arrival = Instant(nanoseconds: Int64(number) * 20_000_000)
            info.payloadLength = 80
            if let rewrite = viewer.rewrite(info, layer: 0) { sent.append(rewrite) }
        }
        #expect(sent.count == 150)
        for (a, b) in zip(sent, sent.dropFirst()) { #expect(b.sequence == a.sequence &+ 1) }
        for (a, b) in zip(sent, sent.dropFirst()) {
            #expect(b.timestamp &- a.timestamp == UInt32(960 * (b.index - a.index)))
        }
    }
}
