import HTTPTypes
import Hummingbird
import NIOCore
import Signal

extension Application {
    var thumbnailRoutes: [Route] {
        let answer = Shape.object("Thumbnail", [("thumbnail", .nullable(.string))])
        return [
            Route(
                .post, "/api/stream/thumbnail", "Upload the picture of one's stream.", access: .creator,
                rate: .uploads,
                body: .bytes(limit: 2 << 20, types: ImageHeader.Format.allCases.map(\.contentType)), answer: answer,
                refusals: [.streamNotFound]
            ) { call in
                .data(try await setUploaded(try Thumbnail(uploaded: call.bytes, calling: call.contentType), call))
            },
            Route(
                .delete, "/api/stream/thumbnail", "Go back to the picture that is made while live.", access: .creator,
                rate: .changes, answer: answer, refusals: [.streamNotFound]
            ) { call in .data(try await setUploaded(nil, call)) },
            Route(
                .get, "/api/thumbnails/{userId}", "The picture of a stream.", access: .anyone,
                query: [
                    Field(
                        name: "v", kind: .text(0...128, lines: .one),
                        about: "The picture's tag: an answer that matches it may be kept for ever.")
                ],
                answer: .raw("image/*"), refusals: [.notFound]
            ) { call in .raw(try await picture(call)) },
        ]
    }

    private struct Answer: Encodable {
        var thumbnail: String?
    }

    private func setUploaded(_ thumbnail: Thumbnail?, _ call: Call) async throws -> Answer {
        let hostID = try call.signedIn().id
        let info = try await store.setUploaded(thumbnail, of: hostID, at: WallClock.now())
        guard let info, case .info(_, _, let address) = info else { throw APIError.streamNotFound }
        try await streams.recordChanged(of: hostID, chatSettings: false)
        return Answer(thumbnail: address)
    }

    private func picture(_ call: Call) async throws -> Response {
        let userID = try call.parameter("userId")
        guard let picture = try await store.read({ try $0.thumbnail(of: userID) }) else { throw APIError.notFound }
        let isNamed = call.text("v") == picture.tag
        let headers: HTTPFields = [
            .eTag: "\"\(picture.tag)\"",
            .cacheControl: isNamed ? "public, max-age=31536000, immutable" : "public, max-age=30",
            .contentSecurityPolicy: "default-src 'none'",
        ]
        if call.holds(tag: picture.tag) { return Response(status: .notModified, headers: headers) }
        return .whole(.ok, type: picture.contentType, ByteBuffer(bytes: picture.bytes), headers: headers)
    }
}

extension Call {
    /// What the body is called, in lower case and without parameters.
    fileprivate var contentType: String {
        request.headers[.contentType]?.split(separator: ";").first.map { String($0).trimmingWhiteSpace().lowercased() }
            ?? ""
    }

    /// Whether the client has the picture already: weak comparison, as RFC 9110 §13.1.2 has it for `If-None-Match`.
    fileprivate func holds(tag: String) -> Bool {
        guard let header = request.headers[.ifNoneMatch] else { return false }
        return header.split(separator: ",").contains { entry in
            let entry = String(entry).trimmingWhiteSpace()
            return entry == "*" || entry == "\"\(tag)\"" || entry == "W/\"\(tag)\""
        }
    }
}

extension Thumbnail {
    /// - Throws: `unsupported_media_type` when the bytes are no picture, or another one than was said.
    init(uploaded bytes: [UInt8], calling name: String) throws(APIError) {
        let header: ImageHeader
        do throws(ImageHeader.Refusal) {
            header = try ImageHeader(parsing: bytes)
        } catch .size(let width, let height) {
            let sides = ImageHeader.sides
            throw .unsupportedPicture(
                "The picture has \(width) × \(height) pixels; a side has \(sides.lowerBound) to \(sides.upperBound).")
        } catch {
            throw .unsupportedPicture("The body is not a PNG, JPEG or WebP picture.")
        }
        guard header.format.contentType == name else {
            throw .unsupportedPicture("The body is \(header.format.contentType), not what its type says.")
        }
        self.init(kind: .uploaded, contentType: header.format.contentType, bytes: bytes)
    }
}

extension APIError {
    fileprivate static func unsupportedPicture(_ reason: String) -> APIError {
        APIError(.unsupportedMediaType, APIError.unsupportedMediaType.code, reason)
    }
}
