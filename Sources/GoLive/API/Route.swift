import HTTPTypes
import Hummingbird

/// One call of the API: where it is, who may make it, what it takes and gives, and what it does. The router, the checks
/// before the handler, and `/openapi.json` are all made from these.
struct Route: Sendable {
    enum Access: String, Sendable {
        case anyone, user
        /// A user whose application to create streams was approved.
        case creator
        case admin
    }

    enum Body: Sendable {
        case none
        case json([Field])
        /// Bytes of at most this many, of one of these content types; the handler judges them by content.
        case bytes(limit: Int, types: [String])
    }

    var method: HTTPRequest.Method
    /// As OpenAPI writes it: `/api/users/{username}`.
    var path: String
    var summary: String
    var access: Access
    /// The most that one client address may ask; signed-in users are counted by their id as well.
    var rate: RateLimiter.Rule?
    var query: [Field] = []
    var body = Body.none
    /// The status of success.
    var status = HTTPResponse.Status.ok
    /// What `data` holds on success.
    var answer: Shape
    /// The refusals beyond those that follow from `access`, `rate`, `query` and `body`.
    var refusals: [APIError] = []
    var handle: @Sendable (Call) async throws -> Reply

    init(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, access: Access,
        rate: RateLimiter.Rule? = nil, query: [Field] = [], body: Body = .none, status: HTTPResponse.Status = .ok,
        answer: Shape, refusals: [APIError] = [], handle: @escaping @Sendable (Call) async throws -> Reply
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.access = access
        self.rate = rate
        self.query = query
        self.body = body
        self.status = status
        self.answer = answer
        self.refusals = refusals
        self.handle = handle
    }
}

/// What a handler answers.
enum Reply: Sendable {
    /// `{"success": true, "data": …}`
    case data(any Encodable & Sendable, headers: HTTPFields = [:])
    /// `{"success": true, "message": …}`
    case message(String, headers: HTTPFields = [:])
    /// Something that is no JSON envelope: an event stream, a picture.
    case raw(Response)
}

/// What a JSON value looks like, for `/openapi.json`.
indirect enum Shape: Sendable {
    case string, integer, number, bool
    /// ISO 8601 in UTC.
    case time
    case choice([String])
    case nullable(Shape)
    case list(Shape)
    /// Named shapes are written once and referred to.
    case object(String, [(String, Shape)])
    /// `{"items": […], "nextCursor": …}`
    case page(Shape)
    /// The envelope has `message` and no data.
    case message
    /// No envelope: content of this type.
    case raw(String)
}
