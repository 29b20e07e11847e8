import Media
import Testing

@testable import LoadTest

@Suite struct MeasuringTests {
    @Test func `percentiles are within a thirtieth of the truth`() {
        var distribution = LatencyDistribution()
        #expect(distribution.percentile(0.5) == nil)
        for microseconds in 1...100_000 { distribution.record(nanoseconds: Int64(microseconds) * 1000) }
        for (share, milliseconds) in [(0.001, 0.1), (0.5, 50.0), (0.95, 95.0), (0.999, 99.9)] {
            let measured = distribution.percentile(share)!
            #expect(measured >= milliseconds && measured <= milliseconds * 1.04)
        }
        var other = LatencyDistribution()
        other.record(nanoseconds: .max)
        other.record(nanoseconds: -1)
        distribution.merge(other)
        #expect(distribution.count == 100_002)
        #expect(distribution.percentile(1)! > 3_600_000)
    }

    @Test func `what came since an earlier state is counted alone`() {
        var distribution = LatencyDistribution()
        for _ in 0..<10 { distribution.record(nanoseconds: 50_000_000) }
        let earlier = distribution
        for _ in 0..<3 { distribution.record(nanoseconds: 1_000_000) }
        let since = distribution.since(earlier)
        #expect(since.count == 3)
        #expect(since.percentile(1)! < 1.1)
    }

    @Test func `the first and the last viewer of a packet are told apart`() {
        let times = SendTimes()
        let payloads = (0..<3).map { number in (0..<100).map { UInt8(truncatingIfNeeded: $0 * 7 + number * 31) } }
        func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
        for (number, payload) in payloads.enumerated() { times.note(payload.span.bytes, at: at(Int64(number) * 100)) }
        for late: Int64 in [5, 2, 9] {
            for (number, payload) in payloads.enumerated() {
                _ = times.time(of: payload.span.bytes, arriving: at(Int64(number) * 100 + late))
            }
        }
        // Asked for again, which is no arrival.
        let again = payloads[1]
        _ = times.time(of: again.span.bytes)
        let spread = times.spread(from: at(100), to: at(200))
        #expect(spread.first.count == 1 && spread.last.count == 1)
        #expect((1.9...2.1).contains(spread.first.percentile(1)!))
        #expect((8.9...9.3).contains(spread.last.percentile(1)!))
        #expect(times.spread(from: at(0), to: at(1000)).last.count == 3)
    }

    @Test func `a picture three times as late as usual, or 150 ms later, is a freeze`() {
        func freezes(interval: Int64, then late: Int64) -> Int {
            var rhythm = FrameRhythm()
            var now = Instant(nanoseconds: 0)
            for _ in 0..<40 {
                rhythm.frame(at: now)
                now = now + .milliseconds(interval)
            }
            rhythm.frame(at: now - .milliseconds(interval) + .milliseconds(late))
            #expect(rhythm.frames == 41)
            return rhythm.freezes
        }
        #expect(freezes(interval: 33, then: 180) == 0)
        #expect(freezes(interval: 33, then: 190) == 1)
        #expect(freezes(interval: 100, then: 290) == 0)
        #expect(freezes(interval: 100, then: 310) == 1)
    }

    @Test func `a packet is found again by its end, whatever a server did to its beginning`() {
        let times = SendTimes()
        var payload = (0..<400).map { UInt8(truncatingIfNeeded: $0 * 31) }
        #expect(times.time(of: payload.span.bytes) == nil)
        times.note(payload.span.bytes, at: Instant(nanoseconds: 42))
        payload[1] ^= 0xFF
        #expect(times.time(of: payload.span.bytes) == Instant(nanoseconds: 42))
        payload[399] ^= 1
        #expect(times.time(of: payload.span.bytes) == nil)
        #expect(times.time(of: Array(payload.prefix(10)).span.bytes) == nil)
    }

    @Test(arguments: [0, 1, 0xDEAD_BEEF, .max] as [UInt32])
    func `the time in a picture survives VP8 at a low bitrate`(code: UInt32) throws {
        let profile = try #require(VideoProfile(named: "180p", layers: 1))
        let camera = try SyntheticCamera(profile)
        let decoder = try VP8Decoder()
        var read: [UInt32?] = []
        for index in 0..<10 {
            for picture in try camera.film(timestamp: UInt32(index) * 3000, milliseconds: code &+ UInt32(index)) {
                var depacketizer = VP8Depacketizer()
                for (number, payload) in picture.payloads.enumerated() {
                    let frame = try depacketizer.receive(
                        sequenceNumber: UInt16(number), timestamp: 0, marker: number == picture.payloads.count - 1,
                        payload: payload.span.bytes)
                    guard let frame else { continue }
                    read += try decoder.decode(frame.bytes, timestamp: 0).map(TimeCode.read)
                }
            }
        }
        #expect(read.count >= 8)
        #expect(read.allSatisfy { $0 != nil })
        #expect(read.first == code)
    }

    @Test func `a picture without a time is not read as one`() {
        #expect(TimeCode.read(VideoFrame(width: 320, height: 180)) == nil)
        #expect(TimeCode.read(VideoFrame(width: 16, height: 16)) == nil)
    }

    @Test func `addresses are read with and without a port`() {
        #expect(ServerAddress("ws://127.0.0.1:7880")?.port == 7880)
        #expect(
            ServerAddress("wss://live.example/rtc").map { [$0.host, "\($0.port)", "\($0.isSecure)"] }
                == ["live.example", "443", "true"])
        #expect(ServerAddress("http://[::1]:80/")?.host == "::1")
        for bad in ["", "localhost", "ftp://a", "ws://", "ws://a:70000", "ws://a:b"] {
            #expect(ServerAddress(bad) == nil, "\(bad)")
        }
    }

    @Test func `a simulcast profile has the sizes below, low to high`() {
        let profile = VideoProfile(named: "720p", layers: 3)
        #expect(profile?.layers.map(\.rid) == ["q", "h", "f"])
        #expect(profile?.layers.map(\.height) == [180, 360, 720])
        #expect(VideoProfile(named: "360p", layers: 2)?.layers.map(\.height) == [180, 360])
        #expect(VideoProfile(named: "180p", layers: 3)?.layers.map(\.rid) == [""])
        #expect(VideoProfile(named: "720p", layers: 0) == nil && VideoProfile(named: "720p", layers: 4) == nil)
        #expect(VideoProfile(named: "4p", layers: 1) == nil)
    }
}
