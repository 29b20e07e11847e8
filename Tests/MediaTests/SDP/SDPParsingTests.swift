import Media
import Testing

@Suite struct SDPParsingTests {
    private func section(_ lines: String..., start: String = "m=video 9 UDP/TLS/RTP/SAVPF 96 97") throws
        -> MediaDescription
    {
        let text = "v=0\no=- 1 1 IN IP4 0.0.0.0\n\(start)\na=rtpmap:96 VP8/90000\n" + lines.joined(separator: "\n")
        return try SessionDescription(parsing: text).media[0]
    }

    @Test func `an answer built from its parts is read back`() throws {
        var video = MediaDescription(
            kind: .video, mid: "1", direction: .recvonly,
            codecs: [
                Codec(payloadType: 96, name: "VP8", clockRate: 90000, feedback: [.nack, .pli, .fir, .transportCC]),
                Codec(payloadType: 97, name: "rtx", clockRate: 90000, parameters: ["apt": "96"]),
            ],
            headerExtensions: [HeaderExtension(id: 4, uri: "urn:ietf:params:rtp-hdrext:sdes:mid")])
        video.rids = [RID(id: "q", direction: .recv), RID(id: "f", direction: .recv, restrictions: "max-width=1280")]
        video.simulcast = Simulcast(sendRIDs: [], recvRIDs: ["q", "f"])
        video.candidates = [
            ICECandidate(foundation: "1", priority: 2_130_706_431, address: "192.0.2.1", port: 7882)
        ]
        video.endOfCandidates = true
        video.setup = .passive
        video.bandwidths = [Bandwidth(type: "TIAS", value: 2_500_000)]
        video.msid = MSID(stream: "-", track: "t")
        var data = MediaDescription(kind: .application, mid: "2")
        data.sctpPort = 5000
        data.maxMessageSize = 65536
        var rejected = MediaDescription(kind: .audio, port: 0, mid: "3", direction: .inactive)
        rejected.otherFormats = ["111"]
        let description = SessionDescription(
            origin: .init(sessionID: 7, version: 2), groupBundle: ["1", "2"], isICELite: true,
            iceCredentials: ICECredentials(ufrag: "abcd", password: "0123456789012345678901"),
            fingerprint: Fingerprint(bytes: Array(0..<32)), extmapAllowMixed: true, msidSemantic: "WMS *",
            media: [video, data, rejected])
        let text = description.serialized()
        #expect(text.hasPrefix("v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n"))
        #expect(text.contains("\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"))
        #expect(text.contains("\r\na=simulcast:recv q;f\r\n"))
        #expect(text.contains("\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"))
        let parsed = try SessionDescription(parsing: text)
        #expect(parsed == description)
        #expect(parsed.media[2].isRejected)
        #expect(parsed.setup(of: parsed.media[0]) == .passive)
        #expect(parsed.fingerprint(of: parsed.media[0])?.bytes == Array(0..<32))
        #expect(parsed.media[0].msid?.streamID == nil)
    }

    @Test func `a section without an attribute of its own has the session's`() throws {
        let description = try SessionDescription(
            parsing: """
                v=0
                o=- 1 1 IN IP4 0.0.0.0
                a=sendonly
                a=setup:active
                a=ice-ufrag:sess
                a=ice-pwd:password
                m=audio 9 UDP/TLS/RTP/SAVPF 0
                m=audio 9 UDP/TLS/RTP/SAVPF 0
                a=recvonly
                a=setup:passive
                a=ice-ufrag:sect
                a=ice-pwd:password
                """)
        #expect(description.media.map(\.direction) == [.sendonly, .recvonly])
        #expect(description.media.map { description.setup(of: $0) } == [.active, .passive])
        #expect(description.media.map { description.iceCredentials(of: $0)?.ufrag } == ["sess", "sect"])
        #expect(description.media[0].codec(named: "PCMU")?.clockRate == 8000)
    }

    @Test func `feedback for all payload types is given to each, once`() throws {
        let video = try section(
            "a=rtcp-fb:* nack pli", "a=rtcp-fb:* nack", "a=rtcp-fb:96 nack", "a=rtpmap:97 VP9/90000")
        #expect(Set(video.codecs[0].feedback) == [.nack, .pli] && video.codecs[0].feedback.count == 2)
        #expect(video.codecs[1].feedback == [.pli, .nack])
    }

    @Test func `a payload type that nothing describes is kept as a format`() throws {
        let video = try section()
        #expect(video.codecs.map(\.payloadType) == [96])
        #expect(video.otherFormats == ["97"])
        #expect(video.formats == ["96", "97"])
    }

    @Test func `simulcast has pauses and alternatives, and its drafts' form`() throws {
        let modern = try section("a=simulcast:recv 1 send a,~b;~c")
        #expect(modern.simulcast?.recvRIDs == ["1"])
        #expect(modern.simulcast?.sendRIDs == ["a", "c"])
        #expect(modern.simulcast?.send[0].map(\.isPaused) == [false, true])
        let draft = try section("a=simulcast: send rid=q;h;f")
        #expect(draft.simulcast == Simulcast(sendRIDs: ["q", "h", "f"]))
    }

    @Test func `SHA-256 is chosen among several fingerprints`() throws {
        let long = (0..<48).map { _ in "AB" }.joined(separator: ":")
        let short = (0..<32).map { _ in "0a" }.joined(separator: ":")
        for lines in [["sha-384 \(long)", "SHA-256 \(short)"], ["sha-256 \(short)", "sha-384 \(long)"]] {
            let video = try section("a=fingerprint:\(lines[0])", "a=fingerprint:\(lines[1])")
            #expect(video.fingerprint == Fingerprint(bytes: [UInt8](repeating: 10, count: 32)))
        }
    }

    @Test func `candidates of unknown transports and extensions beyond the header are skipped`() throws {
        let video = try section(
            "a=candidate:1 1 ssltcp 1 192.0.2.1 443 typ host", "a=candidate:2 1 udp 1 192.0.2.1 443 typ host",
            "a=extmap:4096 urn:later", "a=extmap:15/inactive urn:x a b")
        #expect(video.candidates.map(\.foundation) == ["2"])
        #expect(
            video.headerExtensions == [
                HeaderExtension(id: 15, uri: "urn:x", direction: .inactive, attributes: "a b")
            ])
    }

    @Test func `data channels of before RFC 8841 are understood`() throws {
        let data = try section("a=sctpmap:5001 webrtc-datachannel 256", start: "m=application 9 DTLS/SCTP 5001")
        #expect(data.sctpPort == 5001 && data.otherFormats == ["5001"])
    }

    @Test func `format parameters keep their order and what has no value`() {
        var parameters: FormatParameters = ["minptime": "10"]
        parameters["useinbandfec"] = "1"
        parameters["MINPTIME"] = "20"
        #expect(parameters.text == "minptime=20;useinbandfec=1")
        parameters["minptime"] = nil
        #expect(parameters.text == "useinbandfec=1" && !parameters.isEmpty)
    }

    @Test func `directions reverse`() {
        #expect(MediaDescription.Direction.sendonly.reversed == .recvonly)
        #expect(MediaDescription.Direction.sendrecv.reversed == .sendrecv)
        #expect(MediaDescription.Direction.inactive.reversed == .inactive)
    }

    @Test(arguments: [
        "a=rtpmap:x VP8/90000", "a=rtpmap:96", "a=rtpmap:200 VP8/90000", "a=rtpmap:96 VP8", "a=rtpmap:96 VP8/0",
        "a=rtpmap:96 opus/48000/0", "a=fmtp:abc x=1", "a=rtcp-fb:96", "a=rtcp-fb:999 nack", "a=extmap:x urn:y",
        "a=extmap:1", "a=extmap:1/up urn:y", "a=rid:q", "a=rid:q up", "a=rid:", "a=simulcast:", "a=simulcast:send",
        "a=simulcast:send ;", "a=simulcast:send a send b", "a=simulcast:send ~", "a=ssrc:x cname:y",
        "a=ssrc:4294967296 cname:y", "a=ssrc-group:FID", "a=ssrc-group:FID 1 x", "a=setup:maybe", "a=mid:",
        "a=ice-ufrag:", "a=fingerprint:sha-256 00:11", "a=fingerprint:sha-1 0g", "a=fingerprint:sha-1",
        "a=candidate:nonsense", "a=sctp-port:65536", "a=max-message-size:-1", "nonsense", "A=b", "a=x\ry", "a=x\0y",
        "m=audio", "m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio 65536 UDP/TLS/RTP/SAVPF 0", "m=audio x y 0",
        "a=mid:0\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0",
    ]) func `what is malformed is refused`(line: String) {
        #expect(throws: ParseError.self) { _ = try section(line) }
    }

    @Test(arguments: ["", "o=- 1 1 IN IP4 x", "v=1\no=- 1 1 IN IP4 x", "v=0", "v=0\ns=-", "v=0\no=-", "v=0\no=- a 1 x"])
    func `a session needs its version and origin`(text: String) {
        #expect(throws: ParseError.self) { _ = try SessionDescription(parsing: text) }
    }

    @Test func `text beyond the limits is refused as too large`() throws {
        let head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
        let start = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
        let fitting = [
            head + String(repeating: "a=x\r\n", count: 4094),
            head + "a=" + String(repeating: "x", count: 4094),
            head + String(repeating: start, count: 256),
        ]
        for text in fitting { _ = try SessionDescription(parsing: text) }
        let excessive = [
            fitting[0] + "a=x\r\n", fitting[1] + "x", fitting[2] + start,
            head + String(repeating: "a=" + String(repeating: "x", count: 4000) + "\r\n", count: 66),
            head + start + (0..<33).map { "a=rtcp-fb:0 f\($0)\r\n" }.joined(),
            head + start
                + String(repeating: "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n", count: 129),
        ]
        for text in excessive {
            do {
                _ = try SessionDescription(parsing: text)
                Issue.record("took \(text.utf8.count) bytes")
            } catch ParseError.tooLarge {
            }
        }
    }

    @Test(arguments: ["chromium156_datachannel", "ffmpeg9_whip_offer", "gst122_webrtcbin_offer"])
    func `a description cut at any byte is refused or read, and never traps`(name: String) throws {
        let bytes = Array(try SDPFixture.text(name).utf8)
        for length in 0..<bytes.count {
            roundTrip(String(decoding: bytes[..<length], as: UTF8.self))
        }
    }

    @Test(arguments: SDPFixture.names) func `no mutation traps, and what is read is written back the same`(
        name: String
    ) throws {
        let bytes = Array(try SDPFixture.text(name).utf8)
        var generator = ICESplitMix(seed: UInt64(bytes.count))
        for _ in 0..<60 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let index = Int.random(in: 0..<mutated.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: mutated[index] = .random(in: 0...255, using: &generator)
                case 1: mutated[index] = Array(" :;=,/~\r\n0".utf8).randomElement(using: &generator)!
                case 2: mutated.remove(at: index)
                default: mutated.insert(.random(in: 32...126, using: &generator), at: index)
                }
            }
            roundTrip(String(decoding: mutated, as: UTF8.self))
        }
    }

    private func roundTrip(_ text: String) {
        guard let description = try? SessionDescription(parsing: text) else { return }
        let again = try? SessionDescription(parsing: description.serialized())
        if again != description { Issue.record("not written back the same: \(text.debugDescription)") }
    }
}
