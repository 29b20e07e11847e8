import Testing

@testable import Relay
@testable import Signal

@Suite struct DataLanesTests {
    private func message(_ room: String, from sender: String = "alice", size: Int = 1) -> DataMessage {
        DataMessage(
            room: room, sender: Sample.participant(sender), kind: .reliable, payload: [UInt8](repeating: 0, count: size)
        )
    }

    private func isFull(_ placing: DataLanes.Placing) -> Bool {
        if case .full = placing { true } else { false }
    }

    private func isOpened(_ placing: DataLanes.Placing) -> Bool {
        if case .opened = placing { true } else { false }
    }

    @Test func `a room has one lane while something waits in it, and none after`() async {
        let lanes = DataLanes()
        #expect(isOpened(await lanes.place(message("a"))))
        #expect(!isOpened(await lanes.place(message("a"))))
        #expect(await lanes.close("a") == false)
        #expect(await lanes.take("a").count == 2)
        #expect(await lanes.close("a"))
        #expect(await lanes.openLanes == 0)
        #expect(isOpened(await lanes.place(message("a"))))
    }

    @Test func `messages come out in the order in which they went in, a batch at a time`() async {
        var limits = DataLanes.Limits()
        limits.batch = 3
        let lanes = DataLanes(limits: limits)
        for size in 1...7 { _ = await lanes.place(message("a", size: size)) }
        var sizes: [Int] = []
        while case let batch = await lanes.take("a"), !batch.isEmpty {
            #expect(batch.count <= 3)
            sizes += batch.map(\.payload.count)
        }
        #expect(sizes == Array(1...7))
    }

    @Test func `one sender does not fill the lane for the others`() async {
        var limits = DataLanes.Limits()
        limits.messagesPerSender = 2
        let lanes = DataLanes(limits: limits)
        for _ in 0..<2 { #expect(!isFull(await lanes.place(message("a")))) }
        #expect(isFull(await lanes.place(message("a"))))
        #expect(!isFull(await lanes.place(message("a", from: "bob"))))
        _ = await lanes.take("a")
        #expect(!isFull(await lanes.place(message("a"))))
    }

    @Test func `lanes, messages and bytes have their limits`() async {
        var limits = DataLanes.Limits()
        limits.lanes = 1
        limits.messages = 2
        limits.bytes = 10
        let lanes = DataLanes(limits: limits)
        #expect(isFull(await lanes.place(message("a", size: 11))))
        #expect(isOpened(await lanes.place(message("a", size: 4))))
        #expect(isFull(await lanes.place(message("b"))))
        #expect(isFull(await lanes.place(message("a", size: 7))))
        #expect(!isFull(await lanes.place(message("a", size: 6))))
        #expect(isFull(await lanes.place(message("a", size: 0))))
        _ = await lanes.take("a")
        #expect(!isFull(await lanes.place(message("a", size: 10))))
    }
}
