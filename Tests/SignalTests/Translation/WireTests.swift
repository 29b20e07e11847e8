import LiveKitProtocol
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

@Suite struct WirePermissionTests {
    @Test(arguments: [
        Permission(),
        Sample.all,
        Permission(canPublish: true, publishSources: [.camera, .microphone]),
        Permission(canSubscribe: true, canUpdateOwnMetadata: true, hidden: true),
        Permission(canPublish: true, publishSources: Set(TrackSource.allCases)),
    ])
    func `a permission survives the wire`(permission: Permission) throws {
        let bytes: [UInt8] = try LiveKit_ParticipantPermission(permission).serializedBytes()
        #expect(Permission(try LiveKit_ParticipantPermission(serializedBytes: bytes)) == permission)
    }

    @Test func `sources that are all unknown allow no publishing rather than any`() {
        let wire = LiveKit_ParticipantPermission.with {
            $0.canPublish = true
            $0.canPublishSources = [.UNRECOGNIZED(77)]
        }
        #expect(!Permission(wire).canPublish)
    }

    @Test(arguments: TrackSource.allCases)
    func `a source survives the wire`(source: TrackSource) {
        #expect(TrackSource(LiveKit_TrackSource(source)) == source)
    }

    @Test(arguments: VideoQuality.allCases)
    func `a quality survives the wire`(quality: VideoQuality) {
        #expect(VideoQuality(LiveKit_VideoQuality(quality)) == quality)
    }
}

@Suite struct WireLeaveTests {
    static let reasons: [LeaveReason] = [
        .clientInitiated, .duplicateIdentity, .serverShutdown, .participantRemoved, .roomDeleted, .stateMismatch,
        .joinFailure, .connectionTimeout, .signalClosed, .roomClosed,
    ]

    @Test(arguments: reasons)
    func `a reason to leave survives the wire`(reason: LeaveReason) {
        #expect(LeaveReason(LiveKit_DisconnectReason(reason)) == reason)
    }

    @Test(arguments: reasons)
    func `only those whom network or server failed are asked back`(reason: LeaveReason) {
        let leave = LiveKit_LeaveRequest(reason)
        let isAskedBack = [.serverShutdown, .stateMismatch, .connectionTimeout].contains(reason)
        #expect(leave.action == (isAskedBack ? .reconnect : .disconnect))
        #expect(leave.canReconnect == isAskedBack)
    }
}

@Suite struct WireStateTests {
    @Test func `a simulcast track says all its layers, to old SDKs and to new ones`() {
        let info = LiveKit_TrackInfo(Sample.camera)
        #expect(info.sid == "TR_camera")
        #expect(info.type == .video)
        #expect(info.source == .camera)
        #expect(info.mimeType == "video/VP8")
        #expect(info.simulcast)
        #expect(info.layers.map(\.rid) == ["q", "h", "f"])
        #expect(info.layers.map(\.quality) == [.low, .medium, .high])
        #expect(info.layers.map(\.spatialLayer) == [0, 1, 2])
        #expect(info.codecs.map(\.layers) == [info.layers])
        #expect(info.layers.map(TrackState.Layer.init) == Sample.layers)
    }

    @Test func `an audio track says how it is encoded, to old SDKs and to new ones`() {
        let info = LiveKit_TrackInfo(Sample.microphone)
        #expect(info.type == .audio)
        #expect(info.muted)
        #expect(info.stereo && info.disableDtx)
        #expect(info.audioFeatures == [.tfStereo, .tfNoDtx])
        #expect(info.encryption == .gcm)
        #expect(info.layers.isEmpty)
    }

    @Test func `a track whose media is not negotiated names no codec`() {
        var track = Sample.camera
        track.mimeType = ""
        #expect(LiveKit_TrackInfo(track).codecs.isEmpty)
    }

    @Test func `a participant who left says why`() {
        var participant = Sample.participant(tracks: [Sample.camera])
        participant.stage = .disconnected
        participant.leaveReason = .participantRemoved
        let info = LiveKit_ParticipantInfo(participant)
        #expect(info.state == .disconnected)
        #expect(info.disconnectReason == .participantRemoved)
        #expect(info.sid == "PA_alice")
        #expect(info.joinedAt == 1_766_000_000)
        #expect(info.joinedAtMs == 1_766_000_000_456)
        #expect(info.isPublisher)
        #expect(info.version == 3)
    }

    @Test func `a room tells its times in seconds and in milliseconds`() {
        let room = LiveKit_Room(Sample.room)
        #expect(room.creationTime == 1_766_000_000)
        #expect(room.creationTimeMs == 1_766_000_000_123)
        #expect(room.emptyTimeout == 300)
        #expect(room.departureTimeout == 20)
        #expect(room.numParticipants == 2)
        #expect(room.numPublishers == 1)
    }

    @Test func `what a participant leaves empty is not changed`() {
        let nothing = ParticipantUpdate(LiveKit_UpdateParticipantRequest())
        #expect(nothing.name == nil && nothing.metadata == nil && nothing.attributes == nil)
        #expect(nothing.permission == nil)
        let some = ParticipantUpdate(LiveKit_UpdateParticipantMetadata.with { $0.attributes = ["a": ""] })
        #expect(some.attributes == ["a": ""])
    }
}

@Suite struct WireRequestTests {
    @Test func `layers come in order of quality, from wherever the client put them`() throws {
        let wire = LiveKit_AddTrackRequest.with {
            $0.cid = "c"
            $0.type = .video
            $0.simulcastCodecs = [
                .with { $0.layers = Sample.layers.reversed().map { LiveKit_VideoLayer($0, spatialLayer: 0) } }
            ]
        }
        let request = try #require(TrackRequest(wire))
        #expect(request.layers == Sample.layers)
    }

    @Test func `data is no track`() {
        #expect(TrackRequest(LiveKit_AddTrackRequest.with { $0.type = .data }) == nil)
    }

    @Test func `a subscription names each track once`() {
        let wire = LiveKit_UpdateSubscription.with {
            $0.trackSids = ["a", "b", "a"]
            $0.participantTracks = [.with { $0.trackSids = ["b", "c"] }]
        }
        #expect(wire.tracks == ["a", "b", "c"].map(TrackID.init))
    }

    @Test func `the quality off disables a track`() {
        #expect(TrackSettings(LiveKit_UpdateTrackSettings.with { $0.quality = .off }).isDisabled)
        #expect(
            TrackSettings(LiveKit_UpdateTrackSettings.with { $0.width = 640 })
                == TrackSettings(quality: .low, width: 640))
    }

    @Test func `a subscription rule names participants by id or identity`() {
        let wire = LiveKit_SubscriptionPermission.with {
            $0.trackPermissions = [
                .with {
                    $0.participantIdentity = "bob"
                    $0.trackSids = ["TR_a"]
                },
                .with {
                    $0.participantSid = "PA_c"
                    $0.allTracks = true
                },
            ]
        }
        #expect(
            SubscriptionRule(wire)
                == SubscriptionRule(
                    everyone: false,
                    grants: [
                        .init(identity: "bob", allTracks: false, tracks: [TrackID("TR_a")]),
                        .init(participantID: ParticipantID("PA_c"), allTracks: true),
                    ]))
    }
}

@Suite struct WireEventTests {
    private func message(_ event: ParticipantEvent) -> LiveKit_SignalResponse.OneOf_Message? {
        LiveKit_SignalResponse(event) { _ in "vp8" }.message
    }

    @Test func `an offer carries its number`() {
        let expected = LiveKit_SessionDescription(type: "offer", sdp: "v=0", id: 4)
        #expect(message(.subscriberOffer(sdp: "v=0", id: 4)) == .offer(expected))
    }

    @Test func `a published track answers to the client's name`() {
        guard case .trackPublished(let response) = message(.trackPublished(clientID: "cid", Sample.camera)) else {
            Issue.record("another message")
            return
        }
        #expect(response.cid == "cid")
        #expect(response.track == LiveKit_TrackInfo(Sample.camera))
    }

    @Test func `watched qualities come low to high, for the track and for its codec`() {
        let event = ParticipantEvent.subscribedQuality(TrackID("TR_a"), [.high: false, .low: true, .medium: true])
        guard case .subscribedQualityUpdate(let update) = message(event) else {
            Issue.record("another message")
            return
        }
        #expect(update.subscribedQualities.map(\.quality) == [.low, .medium, .high])
        #expect(update.subscribedQualities.map(\.enabled) == [true, true, false])
        #expect(update.subscribedCodecs.map(\.codec) == ["vp8"])
        #expect(update.subscribedCodecs.first?.qualities == update.subscribedQualities)
    }

    @Test func `speakers, qualities and paused streams name whom they are about`() {
        let alice = ParticipantID("PA_a")
        let track = TrackID("TR_a")
        #expect(
            message(.speakers([Speaker(participant: alice, level: 0.5, isActive: true)]))
                == .speakersChanged(
                    .with {
                        $0.speakers = [
                            .with {
                                $0.sid = "PA_a"
                                $0.level = 0.5
                                $0.active = true
                            }
                        ]
                    }))
        #expect(
            message(.connectionQuality([ConnectionQuality(participant: alice, grade: .lost, score: 1)]))
                == .connectionQuality(
                    .with {
                        $0.updates = [
                            .with {
                                $0.participantSid = "PA_a"
                                $0.quality = .lost
                                $0.score = 1
                            }
                        ]
                    }))
        #expect(
            message(.streamState([StreamState(participant: alice, track: track, isPaused: true)]))
                == .streamStateUpdate(
                    .with {
                        $0.streamStates = [
                            .with {
                                $0.participantSid = "PA_a"
                                $0.trackSid = "TR_a"
                                $0.state = .paused
                            }
                        ]
                    }))
    }

    @Test(arguments: [
        (RelayError.trackNotFound, LiveKit_RequestResponse.Reason.notFound), (.roomFull, .limitExceeded),
        (.limitReached("tracks"), .limitExceeded), (.notPermitted("publishing"), .notAllowed),
        (.badDescription("no"), .invalidRequest), (.shuttingDown, .unclassifiedError),
    ])
    func `a refusal gives the reason that SDKs know`(error: RelayError, reason: LiveKit_RequestResponse.Reason) {
        let response = LiveKit_RequestResponse(error, id: 9)
        #expect(response.reason == reason)
        #expect(response.requestID == 9)
        #expect(!response.message.isEmpty)
    }
}
