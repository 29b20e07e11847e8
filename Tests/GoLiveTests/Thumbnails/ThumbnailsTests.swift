import Foundation
import Logging
import Synchronization
import Testing

@testable import GoLive
@testable import Relay

@Suite struct ThumbnailsTests {
    static func picture(_ kind: Thumbnail.Kind, _ width: Int) -> Thumbnail {
        Thumbnail(kind: kind, contentType: "image/png", bytes: TestPictureFile.png(width, 100))
    }

    @Test(arguments: TestDatabase.allCases)
    func `what is kept comes back; uploaded goes before live, and chosen before both`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let user = try await store.addUser("host")
            var stream = try await store.addStream(of: user)
            let none = try await store.read { [stream] in try $0.thumbnailAddress(of: stream) }
            #expect(none == nil)
            let live = Self.picture(.live, 100)
            let uploaded = Self.picture(.uploaded, 200)
            for picture in [live, uploaded] {
                try await store.write { try $0.put(picture, of: user.id, at: 1) }
                #expect(try await store.read { try $0.thumbnail(of: user.id) } == picture)
                let address = try await store.read { [stream] in try $0.thumbnailAddress(of: stream) }
                #expect(address == "/api/thumbnails/\(user.id)?v=\(picture.tag)")
            }
            stream.thumbnail = "/chosen.png"
            let chosen = try await store.read { [stream] in try $0.thumbnailAddress(of: stream) }
            #expect(chosen == "/chosen.png")
            try await store.write { try $0.deleteThumbnail(.uploaded, of: user.id) }
            #expect(try await store.read { try $0.thumbnail(of: user.id) } == live)
            #expect(try await store.read { try $0.thumbnail(of: "nobody") } == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `another picture takes the place of the one before, the same is not written again`(
        kind: TestDatabase
    ) async throws {
        try await withStore(kind) { store in
            let user = try await store.addUser("host")
            for (width, time, expected) in [(100, 1, 1), (100, 2, 1), (101, 3, 3)] as [(Int, Int64, Int64)] {
                try await store.write { try $0.put(Self.picture(.live, width), of: user.id, at: time) }
                let rows = try await store.read { try $0.run("SELECT updated_at, bytes FROM thumbnails") }
                #expect(try rows.map { try $0.int("updated_at") } == [expected])
                #expect(try rows.first?.blob("bytes") == TestPictureFile.png(width, 100))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `an upload takes the place of a chosen address, and without a stream nothing is kept`(
        kind: TestDatabase
    ) async throws {
        try await withStore(kind) { store in
            let user = try await store.addUser("host")
            #expect(try await store.setUploaded(Self.picture(.uploaded, 100), of: user.id, at: 1) == nil)
            #expect(try await store.read { try $0.thumbnail(of: user.id) } == nil)
            try await store.addStream(of: user, title: "T")
            try await store.write { try $0.run("UPDATE streams SET thumbnail = '/chosen.png'") }
            let picture = Self.picture(.uploaded, 100)
            let address = Thumbnail.address(userID: user.id, tag: picture.tag)
            #expect(
                try await store.setUploaded(picture, of: user.id, at: 2)
                    == .info(title: "T", description: "", thumbnail: address))
            #expect(
                try await store.setUploaded(nil, of: user.id, at: 3)
                    == .info(title: "T", description: "", thumbnail: nil))
        }
    }

    @Test func `keyframes are asked for only when the picture is old, and pictures are an interval apart`() {
        let start = ContinuousClock.now
        var pace = PicturePace(interval: .seconds(30), age: .seconds(120))
        #expect(pace.asks(at: start))
        #expect(pace.next(after: start, madePicture: start + .seconds(2)) == start + .seconds(32))
        for second in [32, 62, 92] {
            let now = start + .seconds(second)
            #expect(!pace.asks(at: now))
            #expect(pace.next(after: now, madePicture: nil) == now + .seconds(30))
        }
        #expect(pace.asks(at: start + .seconds(122)))
    }

    /// What the tracks of a room are told by.
    private func event(
        _ host: String, _ source: TrackSource, id: TrackID, others: [TrackState] = [], isPublished: Bool
    ) -> RelayEvent {
        let room = RoomState(
            id: .random(), name: host, metadata: "", createdAt: 0, emptyTimeout: 0, departureTimeout: 0,
            maxParticipants: 0, participantCount: 1, publisherCount: 1)
        let participant = ParticipantState(
            id: .random(), identity: host, name: "", metadata: "", attributes: [:], stage: .active, joinedAt: 0,
            permission: Permission(canPublish: true), tracks: others, version: 1, leaveReason: nil)
        let track = Self.track(source, id: id)
        return isPublished ? .trackPublished(room, participant, track) : .trackUnpublished(room, participant, track)
    }

    private static func track(_ source: TrackSource, id: TrackID) -> TrackState {
        TrackState(
            id: id, kind: source == .microphone ? .audio : .video, source: source, name: "", isMuted: false, width: 0,
            height: 0, layers: [], isSimulcast: false, mimeType: "video/VP8", mid: "", stream: "", isStereo: false,
            disablesDTX: false, disablesRED: false, encryption: 0)
    }

    @Test func `a live host's picture is made from the shared screen, or the camera, and stays when they end`()
        async throws
    {
        try await withStore(.sqlite) { store in
            let user = try await store.addUser("host")
            try await store.addStream(of: user)
            let asked = Mutex<[TrackSource]>([])
            let thumbnails = Thumbnails(
                store: store, logger: Logger(label: "test"), pace: PicturePace(interval: .milliseconds(1))
            ) { hostID, source, _, _ in
                #expect(hostID == user.id)
                asked.withLock { $0.append(source) }
                return TestPictureFile.lossyWebP(source == .camera ? 320 : 640, 180)
            }
            let (events, source) = AsyncStream.makeStream(of: RelayEvent.self)
            let running = Task { await thumbnails.run(events) }
            func width() async throws -> Int? {
                let picture = try await store.read { try $0.thumbnail(of: user.id) }
                #expect(picture == nil || picture?.kind == .live && picture?.contentType == "image/webp")
                return try picture.map { try ImageHeader(parsing: $0.bytes).width }
            }
            let (camera, screen) = (TrackID.random(), TrackID.random())
            source.yield(event(user.id, .microphone, id: .random(), isPublished: true))
            source.yield(event("a room of somebody else", .camera, id: .random(), isPublished: true))
            source.yield(event(user.id, .camera, id: camera, isPublished: true))
            try await eventually("the camera") { try await width() == 320 }
            source.yield(event(user.id, .screenShare, id: screen, isPublished: true))
            try await eventually("the screen") { try await width() == 640 }
            source.yield(
                event(
                    user.id, .screenShare, id: screen, others: [Self.track(.camera, id: camera)], isPublished: false))
            try await eventually("the camera again") { try await width() == 320 }
            source.yield(event(user.id, .camera, id: camera, isPublished: false))
            source.finish()
            await running.value
            #expect(try await width() == 320)
            #expect(asked.withLock { Set($0) } == [.camera, .screenShare])
        }
    }
}
