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
            verify what arrives and measure how late it is. Without a key the server's development key is used.
            """)

    @Option(help: "The server: ws://, wss://, http:// or https://.")
    var url = "ws://127.0.0.1:7880"

    @Option(help: "The API key that tokens are signed with.")
    var apiKey = Settings.developmentKey.name

    @Option(help: "Its secret.")
    var apiSecret = Settings.developmentKey.secret

    @Option(help: "A token for all viewers, instead of a key; the server must let one identity in many times.")
    var token: String?

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

    @Flag(help: "Publish the two sizes below as well.")
    var simulcast = false

    @Option(help: "Percent of the packets that a viewer throws away unseen.")
    var loss = 0.0

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
        guard let profile = VideoProfile(named: video, isSimulcast: simulcast) else {
            throw ValidationError("--video must be 180p, 360p, 720p or 1080p")
        }
        guard (0...16).contains(publishers), (0...20_000).contains(viewers) else {
            throw ValidationError("at most 16 publishers and 20000 viewers")
        }
        guard (0..<100).contains(loss) else { throw ValidationError("--loss is a percentage below 100") }
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
        plan.decoders = decoders
        plan.threads = threads
        plan.serverProcess = serverPid
        return plan
    }

    private func token(for role: LoadTestRole) async throws -> String {
        switch role {
        case .viewer where token != nil: return token!
        case .viewer, .publisher:
            var canPublish = false
            if case .publisher = role { canPublish = true }
            let grant = Grant(
                identity: role.identity, name: role.identity, room: room, roomJoin: true, canPublish: canPublish,
                canSubscribe: !canPublish, canPublishData: false)
            return try await AccessTokens(keys: [apiKey: apiSecret]).issue(grant, ttl: .seconds(3600 * 6))
        }
    }

    private static func line(_ progress: LoadProgress) -> String {
        let latency = progress.latency.map { String(format: ", p99 %.1f ms", $0) } ?? ""
        return String(
            format: "%4.0f s  %d joining, %d connected, %d failed, %d packets", progress.seconds, progress.begun,
            progress.connected, progress.failed, progress.packets) + latency
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
