import ArgumentParser
import Foundation
import LoadTest
import Signal

/// `golive load-test`: synthetic publishers and viewers against a running server, this one or another that speaks the
/// LiveKit protocol.
struct LoadTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-test",
        abstract: "Put publishers and viewers on a server, and measure what they get.",
        discussion: """
            Every participant speaks the real protocol: signalling, ICE, DTLS, SRTP. Publishers encode VP8 and Opus; viewers
            verify what arrives and measure how late it is. Without a key the server's development key is used. A LiveKit
            server is to run with rtc.use_ice_lite.
            """)

    @Option(help: "The server: ws://, wss://, http:// or https://.")
    var url = "ws://127.0.0.1:7880"

    @Option(help: "The API key that tokens are signed with.")
    var apiKey = Settings.developmentKey.name

    @Option(help: "Its secret.")
    var apiSecret = Settings.developmentKey.secret

    @Option(
        parsing: .singleValue,
        help: "A token instead of the key, repeated: one for each participant, publishers first.")
    var token: [String] = []

    @Option(help: "The room; made by joining it.")
    var room = "load-test"

    @Option(help: "How many publish.")
    var publishers = 1

    @Option(help: "How many watch.")
    var viewers = 10

    @Option(help: "How long to watch once all have begun to join: 30s, 5m.")
    var duration = TokenLife(seconds: 20)

    @Option(help: "Seconds over which the viewers join.")
    var ramp = 5.0

    @Option(help: "What is published: 180p, 360p, 720p or 1080p.")
    var video = "720p"

    @Flag(help: "Publish the two sizes below as well: --layers 3.")
    var simulcast = false

    @Option(help: "How many sizes each publisher sends, 1 to 3.")
    var layers: Int?

    @Option(help: "Percent of the packets that a viewer throws away unseen.")
    var loss = 0.0

    @Option(help: "How many of the viewers are on a bad line, simulated behind their sockets.")
    var badViewers = 0

    @Option(help: "Percent of all packets that such a line loses.")
    var badLoss = 10.0

    @Option(help: "What such a line carries, in bits a second: 300k, 2m.")
    var badRate = BitRate(bitsPerSecond: 300_000)

    @Option(help: "Viewers whose pictures are decoded.")
    var decoders = 1

    @Option(help: "Threads that receive.")
    var threads = 1

    @Option(help: "The server's process id, when it runs here: its processor time is reported.")
    var serverPid: Int?

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() async throws {
        let plan = try plan()
        OpenFiles.raiseLimit()
        let test = LoadTest(plan) { role in try await self.token(for: role) }
        let isQuiet = json
        let report: LoadReport
        do {
            report = try await test.run { progress in
                guard !isQuiet else { return }
                FileHandle.standardError.write(Data((Self.line(progress) + "\n").utf8))
            }
        } catch let error as LoadTestError {
            throw StandardError.fail("the load test cannot run: \(error.explanation)", status: 1)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            print(report.table)
        }
        guard report.failures.isEmpty else { throw ExitCode(2) }
    }

    func plan() throws -> LoadTestPlan {
        guard let server = ServerAddress(url) else {
            throw ValidationError("--url must be a ws, wss, http or https URL")
        }
        let layers = layers ?? (simulcast ? VideoProfile.maximumLayers : 1)
        guard 1...VideoProfile.maximumLayers ~= layers else { throw ValidationError("--layers is 1 to 3") }
        guard let profile = VideoProfile(named: video, layers: layers) else {
            throw ValidationError("--video must be 180p, 360p, 720p or 1080p")
        }
        guard (0...16).contains(publishers), (0...20_000).contains(viewers) else {
            throw ValidationError("at most 16 publishers and 20000 viewers")
        }
        guard token.isEmpty || token.count == publishers + viewers else {
            throw ValidationError("\(publishers + viewers) participants need as many tokens, not \(token.count)")
        }
        guard (0..<100).contains(loss), (0..<100).contains(badLoss) else {
            throw ValidationError("--loss and --bad-loss are percentages below 100")
        }
        guard (0...viewers).contains(badViewers) else {
            throw ValidationError("--bad-viewers are some of the viewers")
        }
        guard ramp >= 0, ramp <= 3600, (1...64).contains(threads), decoders >= 0 else {
            throw ValidationError("--ramp is up to 3600 seconds, --threads 1 to 64, --decoders not negative")
        }
        var plan = LoadTestPlan(server: server)
        plan.publishers = publishers
        plan.viewers = viewers
        plan.duration = .seconds(duration.seconds)
        plan.ramp = .milliseconds(Int64(ramp * 1000))
        plan.video = profile
        plan.loss = loss / 100
        plan.badViewers = badViewers
        plan.badLine = LineQuality(loss: badLoss / 100, bitrate: badRate.bitsPerSecond)
        plan.decoders = decoders
        plan.threads = threads
        plan.serverProcess = serverPid
        return plan
    }

    func token(for role: LoadTestRole) async throws -> String {
        let number: Int
        var canPublish = false
        switch role {
        case .publisher(let publisher): (number, canPublish) = (publisher, true)
        case .viewer(let viewer): number = publishers + viewer
        }
        guard token.isEmpty else { return token[number] }
        let grant = Grant(
            identity: role.identity, name: role.identity, room: room, roomJoin: true, canPublish: canPublish,
            canSubscribe: !canPublish, canPublishData: false)
        return try await AccessTokens(keys: [apiKey: apiSecret]).issue(grant, ttl: .seconds(3600 * 6))
    }

    private static func line(_ progress: LoadProgress) -> String {
        let latency = progress.latency.map { String(format: ", p99 %.1f ms", $0) } ?? ""
        return String(
            format:
                "%4.0f s  %d began to join, %d connected, %d failed; %d packets, %d lost, %d freezes, %d keyframes asked",
            progress.seconds, progress.begun, progress.connected, progress.failed, progress.packets, progress.lost,
            progress.freezes, progress.keyframeRequests) + latency
    }
}

extension LoadTestError {
    fileprivate var explanation: String {
        switch self {
        case .refused: "the server refused the connection or the token"
        case .dismissed: "the server put the participant out"
        case .badDescription: "the server's session description could not be read"
        case .unreachable: "none of the server's media addresses can be reached from here"
        case .timedOut: "the publisher was not connected in time"
        case .disconnected: "the connection ended"
        }
    }
}

/// Bits a second as people write them: a number, and k or m for thousands or millions.
struct BitRate: ExpressibleByArgument, Equatable {
    var bitsPerSecond: Int

    init(bitsPerSecond: Int) { self.bitsPerSecond = bitsPerSecond }

    init?(argument: String) {
        let factors: [Character: Double] = ["k": 1e3, "m": 1e6]
        let factor = argument.lowercased().last.flatMap { factors[$0] }
        guard let number = Double(factor == nil ? argument : String(argument.dropLast())), number > 0,
            let bits = Int(exactly: (number * (factor ?? 1)).rounded()), 1000...10_000_000_000 ~= bits
        else { return nil }
        bitsPerSecond = bits
    }

    var defaultValueDescription: String { "\(bitsPerSecond / 1000)k" }
}
