import NIOHTTP1
import Testing

@testable import GoLive

@Suite struct ThumbnailRoutesTests {
    static func upload(
        _ server: TestServer, _ bytes: [UInt8], _ type: String, _ person: TestPerson
    ) async throws -> TestServer.Answer {
        try await server.send(
            .POST, "/api/stream/thumbnail", bytes, token: person.token, headers: [("content-type", type)])
    }

    @Test(arguments: TestDatabase.allCases)
    func `an uploaded picture is served as it was, kept by its tag, and told to those who listen`(
        kind: TestDatabase
    ) async throws {
        try await withServer(kind) { server in
            let host = try await server.creator("host")
            try await server.store.addStream(of: host.user)
            let listener = try await server.listen(to: "host")
            _ = try await listener.next(4)
            for (format, make) in TestPictureFile.all {
                let bytes = make(320, 180)
                let answer = try await Self.upload(server, bytes, format.contentType, host)
                #expect(answer.status == 200)
                let address = try #require(answer.data["thumbnail"].string)
                #expect(try await listener.next()?.json["thumbnail"].string == address)
                let named = try await server.ask(.GET, address)
                #expect(named.status == 200 && named.bytes == bytes)
                #expect(named.headers["content-type"] == [format.contentType])
                #expect(named.headers["cache-control"] == ["public, max-age=31536000, immutable"])
                #expect(named.headers["x-content-type-options"] == ["nosniff"])
                #expect(named.headers["content-security-policy"] == ["default-src 'none'"])
                let tag = try #require(named.headers["etag"].first)
                for path in ["/api/thumbnails/\(host.user.id)", "/api/thumbnails/\(host.user.id)?v=old"] {
                    let plain = try await server.ask(.GET, path)
                    #expect(plain.bytes == bytes)
                    #expect(plain.headers["cache-control"] == ["public, max-age=30"])
                    for header in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                        let same = try await server.ask(.GET, path, headers: [("if-none-match", header)])
                        #expect(same.status == 304 && same.bytes.isEmpty && same.headers["etag"] == [tag])
                    }
                    let other = try await server.ask(.GET, path, headers: [("if-none-match", "\"x\"")])
                    #expect(other.status == 200)
                }
            }
        }
    }

    @Test func `taking an upload back brings the live picture back, or none`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            try await server.store.addStream(of: host.user)
            _ = try await Self.upload(server, TestPictureFile.png(100, 100), "image/png", host)
            let none = try await server.ask(.DELETE, "/api/stream/thumbnail", token: host.token)
            #expect(none.status == 200 && none.data["thumbnail"] == .null)
            #expect(try await server.ask(.GET, "/api/thumbnails/\(host.user.id)").code == "not_found")
            _ = try await Self.upload(server, TestPictureFile.png(100, 100), "image/png", host)
            let live = Thumbnail(
                kind: .live, contentType: "image/webp", bytes: TestPictureFile.lossyWebP(100, 100))
            try await server.store.write { try $0.put(live, of: host.user.id, at: 1) }
            let answer = try await server.ask(.DELETE, "/api/stream/thumbnail", token: host.token)
            #expect(answer.data["thumbnail"].string == Thumbnail.address(userID: host.user.id, tag: live.tag))
            #expect(try await server.ask(.GET, "/api/thumbnails/\(host.user.id)").bytes == live.bytes)
        }
    }

    @Test func `a picture is judged by its content, and what is refused changes nothing`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            let viewer = try await server.person("viewer")
            let png = TestPictureFile.png(100, 100)
            #expect(try await Self.upload(server, png, "image/png", host).code == "stream_not_found")
            try await server.store.addStream(of: host.user)
            let large = png + [UInt8](repeating: 0, count: (2 << 20) + 1 - png.count)
            for (bytes, type, status, code) in [
                (png, "image/jpeg", 415, "unsupported_media_type"), (png, "image/gif", 415, "unsupported_media_type"),
                (Array("<svg/>".utf8), "image/png", 415, "unsupported_media_type"),
                (TestPictureFile.png(15, 100), "image/png", 415, "unsupported_media_type"),
                (TestPictureFile.png(9000, 100), "image/png", 415, "unsupported_media_type"),
                (large, "image/png", 413, "body_too_large"),
            ] {
                let answer = try await Self.upload(server, bytes, type, host)
                #expect(answer.status == status && answer.code == code)
            }
            #expect(try await Self.upload(server, png, "image/png", viewer).code == "creator_not_approved")
            #expect(try await server.ask(.GET, "/api/thumbnails/\(host.user.id)").status == 404)
            #expect(try await Self.upload(server, Array(large.dropLast()), "IMAGE/PNG; a=b", host).status == 200)
        }
    }
}
