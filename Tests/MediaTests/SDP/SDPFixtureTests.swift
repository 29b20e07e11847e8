import Media
import Testing

@Suite struct SDPFixtureTests {
    /// What a fixture must be read as: its mids, the kind and the count of codecs of each section, who opens DTLS.
    struct Facts: CustomTestStringConvertible, Sendable {
        let name: String
        let mids: String
        let kinds: String
        let setup: Setup
        let codecCounts: [Int]
        var testDescription: String { name }

        init(_ name: String, _ mids: String, _ kinds: String, _ setup: Setup, _ codecCounts: [Int]) {
            self.name = name
            self.mids = mids
            self.kinds = kinds
            self.setup = setup
            self.codecCounts = codecCounts
        }
    }

    static let facts = [
        Facts("chromium156_datachannel", "0", "application", .actpass, [0]),
        Facts("chromium156_recvonly", "0 1", "audio video", .actpass, [8, -1]),
        Facts("chromium156_sendonly", "0 1", "audio video", .actpass, [8, -1]),
        Facts("chromium156_sendonly_balanced", "0 1", "audio video", .actpass, [8, -1]),
        Facts("chromium156_sendonly_datachannel", "0 1 2", "audio video application", .actpass, [8, -1, 0]),
        Facts("chromium156_sendrecv", "0 1", "audio video", .actpass, [8, -1]),
        Facts("chromium156_simulcast_all", "0 1", "audio video", .actpass, [8, -1]),
        Facts("chromium156_simulcast_vp8", "0 1", "audio video", .actpass, [8, 2]),
        Facts("ffmpeg8_whip_answer_aiortc", "0 1", "audio video", .active, [1, 1]),
        Facts("ffmpeg8_whip_offer", "0 1", "audio video", .passive, [1, 1]),
        Facts("ffmpeg9_whip_answer_aiortc", "0 1", "audio video", .active, [1, 2]),
        Facts("ffmpeg9_whip_offer", "0 1", "audio video", .passive, [1, 2]),
        Facts("firefox153_datachannel", "0", "application", .actpass, [0]),
        Facts("firefox153_recvonly", "0 1", "audio video", .actpass, [5, 9]),
        Facts("firefox153_sendonly", "0 1", "audio video", .actpass, [5, 9]),
        Facts("firefox153_sendonly_balanced", "0 1", "audio video", .actpass, [5, 9]),
        Facts("firefox153_sendonly_datachannel", "0 1 2", "audio video application", .actpass, [5, 9, 0]),
        Facts("firefox153_sendrecv", "0 1", "audio video", .actpass, [5, 9]),
        Facts("firefox153_simulcast_all", "0 1", "audio video", .actpass, [5, 9]),
        Facts("firefox153_simulcast_vp8", "0 1", "audio video", .actpass, [5, 2]),
        Facts("gst122_webrtcbin_offer", "video0 audio1", "video audio", .actpass, [1, 1]),
        Facts(
            "livekit_py120_singlepc_initial_offer", "0 1 2 3 4 5 6", "audio audio audio video video video application",
            .actpass, [8, 8, 8, -1, -1, -1, 0]),
        Facts(
            "livekit_py120_v0_publish_offer", "7 8 9 10 11 12 13 14 15",
            "audio audio audio video video video application audio video", .actpass, [8, 8, 8, -1, -1, -1, 0, 8, 1]),
        Facts(
            "livekit_py120_v1_publish_offer", "0 1 2 3 4 5 6 7 8",
            "audio audio audio video video video application audio video", .actpass, [8, 8, 8, -1, -1, -1, 0, 8, 1]),
    ]

    @Test(arguments: facts) func `a captured description is read in full`(facts: Facts) throws {
        let text = try SDPFixture.text(facts.name)
        let description = try SessionDescription(parsing: text)
        let mids = facts.mids.split(separator: " ").map(String.init)
        #expect(description.groupBundle == mids)
        #expect(description.media.map(\.mid) == mids)
        #expect(description.media.map(\.kind.name).joined(separator: " ") == facts.kinds)
        #expect(description.origin.sessionID > 0)
        // What every payload type of the text is called there, read without the parser.
        let mapped = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("a=rtpmap:") }
        #expect(description.media.reduce(0) { $0 + $1.codecs.count } == mapped.count)
        for (section, count) in zip(description.media, facts.codecCounts) {
            #expect(count == -1 ? section.codecs.count > 10 : section.codecs.count == count)
            #expect(description.setup(of: section) == facts.setup)
            let credentials = try #require(description.iceCredentials(of: section))
            #expect(text.contains("a=ice-ufrag:\(credentials.ufrag)") && text.contains(credentials.password))
            let fingerprint = try #require(description.fingerprint(of: section))
            #expect(fingerprint.algorithm == "sha-256" && fingerprint.bytes.count == 32)
            #expect(text.contains(fingerprint.sdpValue))
            #expect(!section.isRejected)
            if section.kind == .application {
                #expect(section.sctpPort == 5000 && section.otherFormats == ["webrtc-datachannel"])
                #expect(section.protocol == MediaDescription.sctpProtocol)
            } else {
                #expect(section.rtcpMux && section.protocol == MediaDescription.rtpProtocol)
                #expect(section.otherFormats == [])
                let opus = section.codec(named: "opus")
                if section.kind == .audio { #expect(opus?.clockRate == 48000 && opus?.channels == 2) }
            }
        }
    }

    @Test(arguments: SDPFixture.names) func `what is serialized is parsed back the same`(name: String) throws {
        let description = try SDPFixture.description(name)
        let text = description.serialized()
        #expect(try SessionDescription(parsing: text) == description)
        #expect(try SessionDescription(parsing: text).serialized() == text)
        let unix = String(text.map { $0 == "\r\n" ? "\n" : $0 })
        #expect(!unix.utf8.contains(13))
        #expect(try SessionDescription(parsing: unix) == description)
    }

    @Test func `Chromium's simulcast offer`() throws {
        let description = try SDPFixture.description("chromium156_simulcast_vp8")
        #expect(description.extmapAllowMixed && !description.isICELite)
        #expect(description.msidSemantic == "WMS 34c20e63-114e-44aa-ab9a-b3134e8af9f3")
        let audio = description.media[0]
        #expect(audio.codecs.map(\.payloadType) == [111, 63, 9, 0, 8, 13, 110, 126])
        #expect(audio.codec(payloadType: 111)?.parameters["useinbandfec"] == "1")
        #expect(audio.codec(payloadType: 63)?.parameters.text == "111/111")
        #expect(audio.candidates.count == 4 && audio.candidates[2].tcpType == .active)
        #expect(audio.candidates[1].address == "fd00::2" && audio.candidates[1].generation == 0)
        #expect(audio.ssrcs.count == 2 && audio.ssrcs[0].attribute == "cname")
        let video = description.media[1]
        #expect(video.direction == .sendonly && video.rtcpRsize)
        #expect(video.rids == ["q", "h", "f"].map { RID(id: $0, direction: .send) })
        #expect(video.simulcast == Simulcast(sendRIDs: ["q", "h", "f"]))
        #expect(video.ssrcs == [] && video.ssrcGroups == [])
        #expect(video.codec(named: "vp8")?.payloadType == 96)
        #expect(video.codec(named: "VP8")?.feedback == [.remb, .transportCC, .fir, .nack, .pli])
        #expect(video.rtxPayloadType(for: 96) == 97)
        #expect(video.rtxPayloadType(for: 97) == nil)
        #expect(video.headerExtensionID(uri: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id") == 10)
        #expect(video.headerExtensions.map(\.id) == [14, 2, 13, 3, 5, 6, 7, 8, 4, 10, 11, 12, 9])
        #expect(video.msid?.trackID == "ba5c776f-4e4a-4c93-80a5-02970a68dd21")
        #expect(video.iceOptions == ["trickle"])
        #expect(
            video.iceCredentials == ICECredentials(ufrag: "Bug+", password: "ee/4WNiaRqUTgtu7BBu4kBgS"))
    }

    @Test func `Firefox's simulcast offer`() throws {
        let description = try SDPFixture.description("firefox153_simulcast_all")
        #expect(description.origin.username == "mozilla...THIS_IS_SDPARTA-99.0")
        #expect(description.iceOptions == ["trickle"])
        #expect(description.fingerprint != nil && description.media[0].fingerprint == nil)
        let audio = description.media[0]
        #expect(audio.candidates.map(\.component) == [1, 1, 1, 1, 2, 2, 2, 2])
        #expect(audio.candidates[0].transportAddress == nil && audio.endOfCandidates)
        #expect(audio.headerExtensions[1].direction == .recvonly && audio.headerExtensions[1].id == 2)
        #expect(audio.headerExtensions[0].direction == nil)
        #expect(audio.msid?.stream == "{c145d65b-271d-4d01-bd39-505aca7d3360}")
        #expect(audio.msid?.streamID == "c145d65b-271d-4d01-bd39-505aca7d3360")
        #expect(audio.msid?.trackID == "a1e9fc5a-ee25-465d-bec6-2ae607fd6fe6")
        let video = description.media[1]
        #expect(video.port == 0 && video.isBundleOnly && !video.isRejected)
        #expect(video.simulcast?.sendRIDs == ["q", "h", "f"])
        #expect(video.codecs.map(\.payloadType) == [120, 124, 121, 125, 99, 100, 123, 122, 119])
        #expect(video.rtxPayloadType(for: 121) == 125)
        #expect(video.codec(named: "VP8")?.parameters["max-fs"] == "12288")
        #expect(video.ssrcGroups.count == 3)
        #expect(video.rtxSSRC(for: 1_409_809_936) == 1_727_295_937)
        #expect(video.ssrcs.count == 6)
    }

    @Test func `Firefox's feedback for payload types that are not there is skipped`() throws {
        let video = try SDPFixture.description("firefox153_simulcast_vp8").media[1]
        #expect(video.codecs.map(\.payloadType) == [120, 124])
        #expect(video.codecs[0].feedback == [.nack, .pli, .fir, .remb, .transportCC])
    }

    @Test func `data channels state their port and message size`() throws {
        let chromium = try SDPFixture.description("chromium156_datachannel").media[0]
        #expect(chromium.port == 43720 && chromium.maxMessageSize == 262_144 && chromium.direction == .sendrecv)
        let firefox = try SDPFixture.description("firefox153_sendonly_datachannel").media[2]
        #expect(firefox.isBundleOnly && firefox.maxMessageSize == 1_073_741_823 && firefox.sctpPort == 5000)
    }

    @Test func `ffmpeg and GStreamer name their tracks each in its way`() throws {
        let ffmpeg = try SDPFixture.description("ffmpeg9_whip_offer").media[1]
        #expect(ffmpeg.msid == MSID(stream: "FFmpeg", track: "video"))
        #expect(ffmpeg.codec(named: "H264")?.parameters["profile-level-id"] == "42001e")
        #expect(ffmpeg.rtxSSRC(for: 124_986_029) == 124_986_030)
        let gstreamer = try SDPFixture.description("gst122_webrtcbin_offer")
        #expect(gstreamer.media[0].msid == nil)
        #expect(gstreamer.media[0].announcedMSID?.streamID == "user2745192951@host-dfdc5e81")
        #expect(gstreamer.media[0].candidates.count == 9 && gstreamer.media[0].candidates[4].tcpType == .active)
        #expect(gstreamer.media[1].codec(named: "opus")?.name == "OPUS")
        #expect(gstreamer.media[1].isBundleOnly)
    }

    @Test func `LiveKit's publish offer`() throws {
        let description = try SDPFixture.description("livekit_py120_v1_publish_offer")
        #expect(description.media[6].sctpPort == 5000)
        let published = description.media[8]
        #expect(published.codecs.map(\.name) == ["VP8"])
        #expect(published.direction == .sendonly)
        #expect(description.media(mid: "7")?.direction == .sendonly)
        let receiving = description.media.prefix(6).map(\.direction)
        #expect(receiving.allSatisfy { $0 == .recvonly })
    }
}
