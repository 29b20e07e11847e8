import Testing

@testable import GoLive

@Suite struct TurnsTests {
    actor Log {
        var running = 0
        var most = 0
        var done = 0

        func begin() {
            running += 1
            most = max(most, running)
        }

        func end() {
            running -= 1
            done += 1
        }
    }

    @Test func `of one key one at a time, though each waits, and a failure lets the next go on`() async {
        struct Failure: Error {}
        let turns = Turns<Int>()
        let log = Log()
        await withDiscardingTaskGroup { group in
            for number in 0..<50 {
                group.addTask {
                    try? await turns.take(1) {
                        await log.begin()
                        await Task.yield()
                        await log.end()
                        if number % 3 == 0 { throw Failure() }
                    }
                }
            }
        }
        #expect(await log.most == 1)
        #expect(await log.done == 50)
    }

    @Test func `other keys do not wait`() async {
        let turns = Turns<Int>()
        let value = await turns.take(1) { await turns.take(2) { "both" } }
        #expect(value == "both")
    }
}
