import Media
import Testing

@testable import LoadTest

@Suite struct ServerWayTests {
    private func end(candidates: [ICECandidate] = [], setup: Setup = .passive) throws -> ServerEnd {
        var random = SystemRandomNumberGenerator()
        let profile = VideoProfile.standard
        var description = ClientDescription.offer(
            profile, ClientDescription.media(profile), trackNames: ("a", "v"), credentials: .random(using: &random),
            fingerprint: try DTLSCertificate(now: 0).fingerprint)
        description.media[0].candidates = candidates
        description.setup = setup
        return try #require(ServerEnd(description))
    }

    private func candidate(_ port: UInt16, _ transport: ICECandidate.Transport = .udp) -> ICECandidate {
        ICECandidate(foundation: "1", transport: transport, priority: 1, address: "127.0.0.1", port: port)
    }

    @Test func `a description with candidates opens the way, once`() throws {
        var way = ServerWay()
        let (first, second) = (try end(candidates: [candidate(1)]), try end(candidates: [candidate(2)]))
        let opened = [way.learn(first), way.learn(second), way.learn(candidate(3))]
        #expect(opened.map { $0?.candidates.map(\.port) } == [[1], nil, nil])
    }

    @Test func `without candidates the way waits for the first that is told later`() throws {
        var way = ServerWay()
        let bare = try end()
        let opened = [
            way.learn(bare), way.learn(candidate(1, .tcp)), way.learn(candidate(2)), way.learn(candidate(3)),
        ]
        #expect(opened.map { $0?.candidates.map(\.port) } == [nil, nil, [2], nil])
    }

    @Test func `candidates that come before the description are kept`() throws {
        var way = ServerWay()
        let bare = try end()
        for port: UInt16 in 1...100 {
            let opened = way.learn(candidate(port))
            #expect(opened == nil)
        }
        let opened = way.learn(bare)
        #expect(opened?.candidates.map(\.port) == Array(1...16))
    }

    @Test func `a server that answers active gets a passive end`() throws {
        #expect(try end(setup: .active).role == .server)
        #expect(try end(setup: .passive).role == .client)
        #expect(try end(setup: .actpass).role == .client)
    }

    @Test func `candidates are read as browsers write them`() {
        let text =
            #"{"candidate":"candidate:1 1 udp 2130706431 10.0.0.7 7882 typ host","sdpMid":"0","sdpMLineIndex":0}"#
        #expect(TrickledCandidate(json: text)?.candidate?.port == 7882)
        #expect(TrickledCandidate(json: #"{"candidate":""}"#)?.candidate == nil)
        #expect(TrickledCandidate(json: "{") == nil)
    }
}
