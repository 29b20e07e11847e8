import Media
import Testing

@testable import LoadTest

@Suite struct PublishingTests {
    @Test func `a packet carries its transport-wide number and when its picture was taken`() throws {
        var stream = OutgoingStream(
            ssrc: 7, payloadType: 96, rtx: (8, 97), extensions: [(1, Array("1".utf8))], rtxExtensions: [])
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 8)
        defer { memory.deallocate() }
        let captured = NTPTime(unixNanoseconds: 1_700_000_000_123_456_789)
        let length = stream.write(
            [1, 2, 3], timestamp: 90, marker: true,
            added: AddedExtensions(transportWide: (4, 0xABCD), captured: (5, captured.rawValue)),
            to: memory.baseAddress!)
        let packet = UnsafeRawBufferPointer(rebasing: memory[..<length])
        let header = try RTPHeader(parsing: packet.bytes)
        let elements = [
            header.extensions(of: packet.bytes).find(id: 4), header.extensions(of: packet.bytes).find(id: 5),
        ]
        let number = try #require(elements[0])
        #expect(Array(packet[number.offset..<number.offset + number.length]) == [0xAB, 0xCD])
        let time = try #require(elements[1])
        let value = packet[time.offset..<time.offset + time.length].reduce(0) { $0 << 8 | UInt64($1) }
        #expect(NTPTime(rawValue: value).unixNanoseconds == 1_700_000_000_123_456_789)
        #expect(Array(packet[header.payloadOffset...]) == [1, 2, 3])
    }

    @Test func `a viewer agrees to everything that is offered, and finds its streams' extensions`() throws {
        var random = SystemRandomNumberGenerator()
        let fingerprint = try DTLSCertificate(now: 0).fingerprint
        let profile = VideoProfile.standard
        let media = ClientDescription.media(profile)
        let offer = ClientDescription.offer(
            profile, media, trackNames: ("a", "v"), credentials: .random(using: &random), fingerprint: fingerprint)
        let answer = ClientDescription.answer(offer, credentials: .random(using: &random), fingerprint: fingerprint)
        for (offered, answered) in zip(offer.media, answer.media) {
            #expect(answered.headerExtensions == offered.headerExtensions)
            #expect(answered.codecs == offered.codecs)
            #expect(answered.direction.receives && !answered.direction.sends)
        }
        let streams = ClientDescription.streams(of: offer)
        #expect(streams.map(\.ssrc) == [media.audioSSRC, media.video[0].ssrc])
        #expect(streams.allSatisfy { $0.transportWideID == media.transportWideID })
        #expect(streams.map(\.captureTimeID) == [0, media.captureTimeID])
    }

    @Test func `the height of a keyframe is read from its first packet`() throws {
        for name in ["180p", "360p"] {
            let profile = try #require(VideoProfile(named: name))
            let payload = try #require(
                try SyntheticCamera(profile).film(timestamp: 1, milliseconds: 1).first?.payloads[0])
            let descriptor = try VP8Descriptor(parsing: payload.span.bytes)
            let size = VP8KeyframeSize(payload.span.bytes, after: descriptor.length)
            #expect(size?.width == profile.top.width && size?.height == profile.top.height)
            let beyond = VP8KeyframeSize(payload.span.bytes, after: payload.count - 9)
            #expect(beyond == nil)
        }
    }

    @Test func `no two publishers send the same`() throws {
        let profile = try #require(VideoProfile(named: "180p"))
        let cameras = try [SyntheticCamera(profile, number: 0), SyntheticCamera(profile, number: 1)]
        let microphones = try [SyntheticMicrophone(number: 0), SyntheticMicrophone(number: 1)]
        let times = SendTimes()
        for frame in 0..<60 {
            let pictures = try cameras.map {
                try $0.film(timestamp: UInt32(frame) * 3000, milliseconds: UInt32(frame) * 33).flatMap(\.payloads)
            }
            let sounds = try microphones.map { try $0.listen() }
            for payload in pictures[0] + [sounds[0]] { times.note(payload.span.bytes, at: Instant(nanoseconds: 1)) }
            for payload in pictures[1] + [sounds[1]] {
                let sent = times.time(of: payload.span.bytes)
                #expect(sent == nil)
            }
        }
    }
}
