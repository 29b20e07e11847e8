package import HTTPTypes
package import Hummingbird
import Logging
package import NIOCore

extension Response {
    /// A body with its type and length, never sniffed into another type.
    package static func whole(
        _ status: HTTPResponse.Status, type: String, _ body: ByteBuffer, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    static func text(_ status: HTTPResponse.Status, _ text: String, headers: HTTPFields = [:]) -> Response {
        whole(status, type: "text/plain; charset=utf-8", ByteBuffer(string: text), headers: headers)
    }

    static func json(_ status: HTTPResponse.Status, _ text: String, headers: HTTPFields = [:]) -> Response {
        whole(status, type: "application/json", ByteBuffer(string: text), headers: headers)
    }

    static func refusal(_ refusal: Admission.Refusal) -> Response {
        text(refusal.status, refusal.reason)
    }
}

/// Any page may call these routes: what they need is a token, not a cookie.
package struct OpenToAllOrigins<Context: RequestContext>: RouterMiddleware {
    package init() {}

    package func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = "*"
        return response
    }

    /// What a browser's preflight is told.
    package static func preflight() -> Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: "GET, POST, PUT, DELETE, OPTIONS",
                .accessControlAllowHeaders: "*, Authorization",
                .accessControlMaxAge: "86400",
            ])
    }
}

/// Counts every answer, and turns what a route throws into one.
struct CountedAnswers<Context: RequestContext>: RouterMiddleware {
    let counters: HTTPCounters
    let assets: StaticAssets

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let response: Response
        do {
            response = try await next(request, context)
        } catch let error as HTTPError {
            // The router throws it too, and has no words for it.
            let isNowhere = error.status == .notFound
            let words = isNowhere ? "there is nothing at this address" : error.status.reasonPhrase
            let page = isNowhere ? assets.nothing(request) : nil
            response = page ?? .text(error.status, error.body ?? words)
        } catch {
            context.logger.error("a route failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            response = .text(.internalServerError, "internal error")
        }
        counters.answered(status: response.status.code)
        return response
    }
}

/// Says that a connection ends with this answer (RFC 9112 §9.6): to whoever asked for that, to proxies, and to upgrades that
/// come too late.
///
/// Only a connection's first request can be an upgrade here, nothing is read behind a later one, and proxies keep
/// connections and send one's upgrade where another's page came from.
struct LastAnswers<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let headers = request.headers
        if headers[.connection] == "close" || HTTPField.Name.ends.contains(where: headers.contains) {
            response.headers[.connection] = "close"
        }
        return response
    }
}

extension HTTPField.Name {
    /// Beside an upgrade, in what a proxy says for whom it asks (RFC 9110 §7.6.3, RFC 7239, and what is usual instead).
    fileprivate static let ends = [
        Self.upgrade, .via, Self("Forwarded")!, Self("X-Forwarded-For")!, Self("X-Real-IP")!,
    ]
}

extension RouterMethods {
    /// Answers the methods that a path does not have by naming those it has (RFC 9110 §15.5.6).
    ///
    /// - Parameter answer: makes the refusal, given those names.
    package func allowOnly(
        _ allowed: [HTTPRequest.Method], at path: RouterPath,
        answer: @escaping @Sendable (_ names: String) -> Response = methodNotAllowed
    ) {
        let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for method in all where !allowed.contains(method) {
            on(path, method: method) { _, _ in answer(names) }
        }
    }
}

/// The refusal in plain text.
@Sendable package func methodNotAllowed(_ names: String) -> Response {
    .text(.methodNotAllowed, "this address answers \(names)", headers: [.allow: names])
}
