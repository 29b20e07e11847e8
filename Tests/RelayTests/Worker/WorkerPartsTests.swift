import Media
import Testing

@testable import Relay

@Suite struct TimerQueueTests {
    @Test func `deadlines come up in order, each as often as it was set`() {
        var random = SeededGenerator(seed: 1)
        var queue = TimerQueue()
        var times: [Int64] = []
        for index in 0..<500 {
            let time = Int64.random(in: 0..<100, using: &random)
            times.append(time)
            queue.schedule(TransportID(rawValue: UInt64(index)), at: Instant(nanoseconds: time))
        }
        var popped: [Int64] = []
        for now in stride(from: Int64(0), through: 105, by: 7) {
            while let id = queue.popDue(at: Instant(nanoseconds: now)) {
                popped.append(times[Int(id.rawValue)])
                #expect(times[Int(id.rawValue)] <= now)
            }
            if let soonest = queue.soonest { #expect(soonest.nanoseconds > now) }
        }
        #expect(popped.count == 500)
        #expect(queue.popDue(at: Instant(nanoseconds: .max)) == nil)
    }
}

@Suite struct RateAllowanceTests {
    @Test func `two seconds' worth may go at once, then the stated rate`() {
        var limits = DataLimits()
        limits.messagesPerSecond = 10
        limits.bytesPerSecond = 1000
        let start = Instant(nanoseconds: 0)
        var allowance = RateAllowance(limits, now: start)
        #expect((0..<100).count { _ in allowance.take(1, now: start) } == 20)
        #expect(allowance.take(1, now: start + .milliseconds(99)) == false)
        #expect(allowance.take(1, now: start + .milliseconds(101)) == true)
        var bytes = RateAllowance(limits, now: start)
        #expect(bytes.take(2001, now: start) == false)
        #expect(bytes.take(2000, now: start) == true)
        #expect(bytes.take(100, now: start + .milliseconds(50)) == false)
        #expect(bytes.take(100, now: start + .milliseconds(151)) == true)
    }
}

@Suite struct WorkerCountersTests {
    @Test func `each reason to drop a packet is counted by itself, and workers' counts add up`() {
        var (a, b) = (WorkerCounters(), WorkerCounters())
        for (number, reason) in DropReason.allCases.enumerated() {
            a.count(reason, UInt64(number))
            b.count(reason, 100)
        }
        let sum = a + b
        #expect(DropReason.allCases.map { sum[$0] } == DropReason.allCases.indices.map { UInt64($0) + 100 })
    }
}

@Suite struct MailboxTests {
    @Test func `datagrams for another worker wait up to a limit, and commands always do`() throws {
        let mailbox = try Mailbox()
        let sender = TransportAddress(ipv4: (192, 0, 2, 1), port: 9)
        func post() -> Bool { mailbox.post(stray: [1, 2, 3], from: sender, arrival: Instant(nanoseconds: 0)) }
        for _ in 0..<Mailbox.strayLimit { #expect(post()) }
        #expect(!post())
        mailbox.post(.stop)
        #expect(mailbox.fetch().count == Mailbox.strayLimit + 1)
        #expect(post())
        #expect(mailbox.fetch().count == 1)
    }
}

@Suite struct LatencyHistogramTests {
    @Test func `every duration falls under a bound that is not below it`() {
        for nanoseconds in [Int64(-5), 0, 1, 16_000, 16_385, 1_000_000, 400_000_000, 900_000_000] {
            var histogram = LatencyHistogram()
            histogram.record(nanoseconds: nanoseconds)
            let exported = histogram.histogram
            #expect(exported.count == 1)
            let bucket = exported.counts.firstIndex(of: 1)!
            let seconds = Double(max(0, nanoseconds)) * 1e-9
            if bucket < exported.bounds.count {
                #expect(seconds <= exported.bounds[bucket])
            } else {
                #expect(seconds >= exported.bounds.last!)
            }
            if bucket > 0 { #expect(seconds >= exported.bounds[bucket - 1]) }
        }
    }

    @Test func `histograms add up`() {
        var a = LatencyHistogram()
        var b = LatencyHistogram()
        a.record(nanoseconds: 100)
        b.record(nanoseconds: 1_000_000)
        let sum = (a + b).histogram
        #expect(sum.count == 2)
        #expect(abs(sum.sum - 0.0010001) < 1e-9)
        #expect(sum.quantile(0.5)! < 0.0001 && sum.quantile(1)! >= 0.001)
    }
}

@Suite struct SessionDirectoryTests {
    static func setup(_ id: UInt64) -> TransportSetup {
        TransportSetup(
            id: TransportID(rawValue: id), direction: .outgoing,
            credentials: ICECredentials(ufrag: "u\(id)", password: "p\(id)"), certificate: PeerTransport.certificate,
            limits: DataLimits())
    }

    static func outgoing(_ feed: TrackFeed) -> OutgoingTrack {
        OutgoingTrack(
            feed: feed, cname: "c",
            configuration: .init(ssrc: 1, payloadType: 96, codec: .video(.vp8), clockRate: 90000),
            wanted: .layer(0), sizes: [])
    }

    static func feed(_ name: String) -> TrackFeed {
        TrackFeed(
            track: TrackID(name), publisher: TransportID(rawValue: 1), codec: .audio, clockRate: 48000, layerCount: 1)
    }

    @Test func `the first worker to claim has the session, with the commands that waited`() throws {
        let directory = SessionDirectory()
        let mailboxes = [try Mailbox(), try Mailbox()]
        directory.attach(mailboxes)
        directory.add(Self.setup(7))
        let id = TransportID(rawValue: 7)
        directory.post(.setRemote(LocalEndpoint.test.fingerprint), to: id)
        directory.post(.subscribe(Self.outgoing(Self.feed("TR_1"))), to: id)
        #expect(directory.credentials(ufrag: "u7")?.password == "p7")
        #expect(directory.credentials(ufrag: "u8") == nil)
        guard case .granted(let setup, let waiting) = directory.claim(ufrag: "u7", for: 1) else {
            Issue.record("not granted")
            return
        }
        #expect(setup.id == id && waiting.count == 2)
        guard case .livesAt(1) = directory.claim(ufrag: "u7", for: 0) else {
            Issue.record("granted twice")
            return
        }
        directory.post(.close, to: id)
        #expect(mailboxes[1].fetch().count == 1 && mailboxes[0].fetch().isEmpty)
        directory.remove(id)
        guard case .unknown = directory.claim(ufrag: "u7", for: 0) else {
            Issue.record("known after removal")
            return
        }
        #expect(directory.homes.isEmpty)
    }

    @Test func `what waits for a peer who never comes does not grow`() {
        var waiting = WaitingCommands()
        for index in 0..<1000 {
            let feed = Self.feed("TR_\(index)")
            waiting.add(.setRemote(LocalEndpoint.test.fingerprint))
            waiting.add(.subscribe(Self.outgoing(feed)))
            for layer in 0..<3 { waiting.add(.setWanted(feed.track, .layer(layer))) }
            waiting.add(.sendData([1, 2, 3], .reliable))
            waiting.add(.sendData([4, 5, 6], .lossy))
            waiting.add(.requestKeyframe(feed.track, layer: 0))
            waiting.add(.limitBandwidth(index))
            if index < 999 { waiting.add(.unsubscribe(feed.track)) }
        }
        #expect(waiting.commands.count == 4 + WaitingCommands.messageCapacity)
        guard case .limitBandwidth(999) = waiting.commands.last,
            case .setWanted(_, .layer(2)) = waiting.commands.dropLast().last
        else {
            Issue.record("the newest wish is lost")
            return
        }
    }

    @Test func `reliable data waits for its reader in order, up to a size; lossy data does not`() {
        var waiting = WaitingCommands()
        waiting.add(.sendData([0], .lossy))
        for index in 1...5 { waiting.add(.sendData([UInt8(index)] + Array(repeating: 0, count: 60_000), .reliable)) }
        let kept = waiting.commands.map { if case .sendData(let bytes, .reliable) = $0 { bytes[0] } else { UInt8.max } }
        #expect(kept == [1, 2, 3, 4])
    }
}
