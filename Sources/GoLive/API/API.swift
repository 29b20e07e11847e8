import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Signal

/// Puts the routes of the application on the router. Everything that is the same for all of them happens here, in this
/// order: limits, who asks, may they, what they sent; then the handler, and the one shape of answers and refusals.
struct API: Sendable {
    /// Bytes of a JSON body.
    static let bodyLimit = 64 << 10

    let routes: [Route]
    let authenticate: @Sendable (_ token: String) async throws -> User?
    let limiter: RateLimiter
    let settings: ApplicationSettings
    /// Whether the HTTP port itself speaks TLS.
    let isSecure: Bool

    func add(to router: Router<DoorContext>) {
        let group = router.group().add(middleware: OpenToAllOrigins<DoorContext>())
        for route in routes {
            group.on(Self.routerPath(route.path), method: route.method) { request, context in
                await answer(route, request, context)
            }
        }
        for (path, methods) in Dictionary(grouping: routes, by: \.path) {
            let path = Self.routerPath(path)
            var allowed = Set(methods.map(\.method))
            if allowed.contains(.get) { allowed.insert(.head) }
            group.on(path, method: .options) { _, _ in OpenToAllOrigins<DoorContext>.preflight() }
            group.allowOnly(allowed.union([.options]).sorted { $0.rawValue < $1.rawValue }, at: path) { names in
                var response = refusal(
                    APIError(.methodNotAllowed, "method_not_allowed", "This address answers \(names)."))
                response.headers[.allow] = names
                return response
            }
        }
        let document = (try? OpenAPIDocument(routes).bytes()) ?? []
        group.get(RouterPath(OpenAPIDocument.path)) { _, _ in
            Response.whole(.ok, type: "application/json", ByteBuffer(bytes: document))
        }
        group.allowOnly([.get, .head], at: RouterPath(OpenAPIDocument.path))
        // The router's wildcard does not match where a longer route goes on.
        for path in ["/api/**"] + Self.stems(of: routes.map(\.path)) {
            for method: HTTPRequest.Method in [.get, .head, .post, .put, .patch, .delete, .options] {
                group.on(Self.routerPath(path), method: method) { _, _ in refusal(.notFound) }
            }
        }
    }

    /// Paths on the way to routes that are no routes themselves: of `/api/auth/me`, `/api` and `/api/auth`.
    static func stems(of paths: [String]) -> [String] {
        var stems: Set<String> = []
        for path in paths where path.hasPrefix("/api/") {
            var stem = ""
            for part in path.split(separator: "/").dropLast() {
                stem += "/" + part
                stems.insert(stem)
            }
        }
        return stems.subtracting(paths).sorted()
    }

    /// `/api/users/{username}` as the router writes it: `/api/users/:username`.
    static func routerPath(_ path: String) -> RouterPath {
        RouterPath(path.replacing("{", with: ":").replacing("}", with: ""))
    }

    // MARK: One request

    private func answer(_ route: Route, _ request: Request, _ context: DoorContext) async -> Response {
        do {
            let call = try await call(route, request, context)
            return try response(try await route.handle(call), status: route.status)
        } catch let error as APIError {
            return refusal(error)
        } catch SQLError.unavailable(let reason) {
            context.logger.error("the database is not available", metadata: ["reason": "\(reason)"])
            return refusal(.unavailable)
        } catch {
            context.logger.error(
                "a call failed", metadata: ["call": "\(route.method) \(route.path)", "error": "\(error)"])
            return refusal(.internalError)
        }
    }

    private func call(_ route: Route, _ request: Request, _ context: DoorContext) async throws -> Call {
        let address = settings.clientAddress(of: request, connection: context.remoteAddress)
        try limit(route, client: RateLimiter.client(at: address))
        let user = try await caller(request, context)
        try Self.check(user, access: route.access)
        if let user { try limit(route, client: user.id) }
        var call = Call(
            request: request, user: user, clientAddress: address, parameters: Self.parameters(route, context),
            values: [:], bytes: [], logger: context.logger,
            isSecure: isSecure || settings.saysSecure(request, connection: context.remoteAddress))
        try call.read(route.query, from: request.uri.queryParameters)
        switch route.body {
        case .none: break
        case .json(let fields): try await call.read(fields, limit: Self.bodyLimit)
        case .bytes(let limit, let types): try await call.readBytes(limit: limit, types: types)
        }
        return call
    }

    private func limit(_ route: Route, client: String) throws(APIError) {
        guard settings.limitsRequests, let rule = route.rate else { return }
        let now = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
        if let seconds = limiter.take(rule, client: client, now: now) { throw .tooMany(retryAfter: seconds) }
    }

    /// - Throws: `unauthenticated` when a token was sent that is not good (any more): better said than overlooked.
    private func caller(_ request: Request, _ context: DoorContext) async throws -> User? {
        guard let token = SessionToken.sent(with: request) else { return nil }
        if let user = try await authenticate(token.text) {
            // A browser sends the cookie along with what a page of another site asks it to.
            guard !token.isCookie || settings.isOwnOrigin(request) else { throw APIError.crossOrigin }
            return user
        }
        // A page with an old cookie may still be looked at.
        if token.isCookie { return nil }
        throw APIError.unauthenticated
    }

    private static func check(_ user: User?, access: Route.Access) throws(APIError) {
        guard access != .anyone else { return }
        guard let user else { throw .unauthenticated }
        if access == .admin, user.role != .admin { throw .notAdmin }
        if access == .creator, user.creatorStatus != .approved { throw .creatorNotApproved }
    }

    private static func parameters(_ route: Route, _ context: DoorContext) -> [String: String] {
        var parameters: [String: String] = [:]
        for part in route.path.split(separator: "/") where part.hasPrefix("{") {
            let name = String(part.dropFirst().dropLast())
            let text = context.parameters.get(name) ?? ""
            parameters[name] = text.removingPercentEncoding ?? text
        }
        return parameters
    }

    // MARK: Envelopes

    private struct Success<Value: Encodable>: Encodable {
        var success = true
        var data: Value?
        var message: String?
    }

    private struct Failure: Encodable {
        struct Body: Encodable {
            var code: String
            var message: String
            var details: [String: String]?
        }
        var success = false
        var error: Body
    }

    private func response(_ reply: Reply, status: HTTPResponse.Status) throws -> Response {
        switch reply {
        case .data(let value, let headers):
            return try Self.json(status, Self.envelope(value), headers: headers)
        case .message(let text, let headers):
            return try Self.json(status, Success<Bool>(message: text), headers: headers)
        case .raw(let response):
            return response
        }
    }

    private static func envelope(_ value: some Encodable) -> any Encodable { Success(data: value) }

    private func refusal(_ error: APIError) -> Response {
        var headers: HTTPFields = [:]
        if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
        let body = Failure.Body(
            code: error.code, message: error.message, details: error.details.isEmpty ? nil : error.details)
        return (try? Self.json(error.status, Failure(error: body), headers: headers)) ?? Response(status: error.status)
    }

    private static func json(
        _ status: HTTPResponse.Status, _ value: any Encodable, headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        var headers = headers
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        return .whole(status, type: "application/json", ByteBuffer(bytes: try encoder.encode(value)), headers: headers)
    }
}
