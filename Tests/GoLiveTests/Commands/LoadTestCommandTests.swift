import ArgumentParser
import LoadTest
import Testing

@testable import golive

@Suite struct LoadTestCommandTests {
    @Test func `the plan is what the options say`() throws {
        let plan = try LoadTestCommand.parse([
            "--viewers", "25", "--bad-viewers", "5", "--bad-loss", "20", "--bad-rate", "1.5m", "--video", "360p",
            "--layers", "2", "--ramp", "0.5", "--loss", "3",
        ]).plan()
        #expect(plan.viewers == 25 && plan.badViewers == 5)
        #expect(plan.badLine.loss == 0.2 && plan.badLine.bitrate == 1_500_000)
        #expect(plan.video.layers.map(\.height) == [180, 360])
        #expect(plan.ramp == .milliseconds(500) && plan.loss == 0.03)
        #expect(try LoadTestCommand.parse(["--simulcast"]).plan().video.layers.count == 3)
    }

    @Test(arguments: [
        ["--video", "9p"], ["--layers", "4"], ["--loss", "100"], ["--bad-viewers", "11"], ["--token", "one"],
        ["--url", "nowhere"],
    ])
    func `what cannot be is refused`(arguments: [String]) throws {
        #expect(throws: ValidationError.self) { try LoadTestCommand.parse(arguments).plan() }
    }

    @Test func `tokens are for participants one by one, publishers first`() async throws {
        let command = try LoadTestCommand.parse([
            "--viewers", "1", "--token", "first", "--token", "second",
        ])
        _ = try command.plan()
        #expect(try await command.token(for: .publisher(0)) == "first")
        #expect(try await command.token(for: .viewer(0)) == "second")
    }

    @Test(arguments: [("300k", 300_000), ("2m", 2_000_000), ("0.5M", 500_000), ("64000", 64_000)])
    func `a bitrate is a number and a unit`(text: String, bits: Int) {
        #expect(BitRate(argument: text)?.bitsPerSecond == bits)
    }

    @Test(arguments: ["", "k", "-1k", "0", "300", "1e30m", "nan", "5g"])
    func `what is no bitrate is refused`(text: String) {
        #expect(BitRate(argument: text) == nil)
    }
}
