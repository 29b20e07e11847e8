import Testing

@testable import GoLive

@Suite struct UpdatePartsTests {
    @Test func `what is written as an event is read again, wherever it is cut`() {
        let events = [
            ServerSentEvent(id: "1-2", name: "info", data: "{\"title\":\"a: b\"}"),
            ServerSentEvent(id: "1-3", name: "status", data: "two\nlines"),
            ServerSentEvent(id: "1-3", name: "message", data: " space"),
        ]
        let text =
            ServerSentEvent.retry(after: 2000) + events[0].text + ServerSentEvent.comment + events[1].text
            + ServerSentEvent(id: nil, name: "message", data: " space").text
        for cut in text.indices {
            var parser = EventStreamParser()
            #expect(parser.receive(String(text[..<cut])) + parser.receive(String(text[cut...])) == events)
            #expect(parser.retry == 2000 && parser.comments == 1)
        }
    }

    @Test func `no text can add a field or an event`() {
        let hostile = ServerSentEvent(id: "1\ndata: x\n\n", name: "a\r\nid: 9\u{0}", data: "x\r\rdata: y\n\nevent: z")
        var parser = EventStreamParser()
        let events = parser.receive(hostile.text)
        #expect(events == [ServerSentEvent(id: "1data: x", name: "aid: 9", data: "x\n\ndata: y\n\nevent: z")])
    }

    @Test func `ids come back as they were, and others are refused`() {
        for id in [EventID(epoch: 0, number: 0), EventID(epoch: .max, number: .max), EventID(epoch: 77, number: 3)] {
            #expect(EventID(parsing: id.text) == id)
        }
        for text in ["", "-", "1", "x-1", "1-", "-1", "1-2-3", "1--2", "11111111111111111-1"] {
            #expect(EventID(parsing: text) == nil, "\(text)")
        }
    }

    @Test func `a log tells exactly what came after an id, or that it does not know`() {
        // Numbers count the updates of all hosts: this host's are each third.
        var log = UpdateLog(since: 2)
        var entries: [UpdateLog.Entry] = []
        for count in 1...100 as ClosedRange<UInt64> {
            entries.append(UpdateLog.Entry(number: 3 * count, hostID: "h", isViewerCount: false, text: "\(count)"))
            log.append(entries[entries.count - 1])
            #expect(log.last == 3 * count)
            for seen in 0...3 * count {
                let after = entries.filter { $0.number > seen }
                let isKnown = seen >= 2 && after.count <= UpdateLog.capacity
                #expect(log.missed(after: seen) == (isKnown ? after : nil))
            }
        }
    }

    @Test func `the epoch tells apart what is listened to, and not in which order it was named`() {
        let (a, b) = (UpdateSource(id: "a", username: "A"), UpdateSource(id: "b", username: "B"))
        let scopes: [UpdateScope] = [.host(a), .host(b), .directory([]), .directory([a]), .directory([a, b])]
        #expect(Set(scopes.map { $0.epoch(seed: 1) }).count == scopes.count)
        #expect(UpdateScope.directory([b, a]).epoch(seed: 1) == UpdateScope.directory([a, b]).epoch(seed: 1))
        #expect(UpdateScope.host(a).epoch(seed: 2) != UpdateScope.host(a).epoch(seed: 1))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `counts pass at most once a second, and the last one always`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var gate = UpdateGate<Int>()
        let start = ContinuousClock.now
        var now = start
        var sent: [(at: ContinuousClock.Instant, count: Int)] = []
        var due: ContinuousClock.Instant?
        var last = 0
        func release(until end: ContinuousClock.Instant) {
            guard let at = due, at <= end else { return }
            due = nil
            if let count = gate.release(now: at) { sent.append((at, count)) }
        }
        for _ in 0..<300 {
            now += .milliseconds(Int.random(in: 0...700, using: &generator))
            release(until: now)
            last = Int.random(in: 0...1000, using: &generator)
            if Bool.random(using: &generator), Bool.random(using: &generator) { gate.learn(last) }
            switch gate.offer(last, now: now) {
            case .send: sent.append((now, last))
            case .wait(let until):
                #expect(due == nil && until > now && until <= now + UpdateGate<Int>.interval)
                due = until
            case .replaced: #expect(due != nil)
            }
        }
        release(until: now + .seconds(2))
        #expect(sent.last?.count == last)
        for (one, next) in zip(sent, sent.dropFirst()) { #expect(next.at - one.at >= UpdateGate<Int>.interval) }
        #expect(gate.release(now: now) == nil)
    }
}
