import HTTPTypes

/// The lists of streams.
extension Application {
    var discoveryRoutes: [Route] {
        [
            listRoute("live", "Streams that are live, most watched first") { _ in .live },
            listRoute("following", "Streams of those you follow", access: .user) { _ in .following },
            listRoute("recommended", "Streams you may like") { _ in .recommended },
            listRoute(
                "search", "Streams whose title, description or creator's name holds all these words",
                rate: .search, query: [.searchWords]
            ) { call in SearchQuery(call.text("q") ?? "").map(StreamList.search) },
        ]
    }

    /// - Parameter list: what is asked for; nil when nothing can be in it.
    private func listRoute(
        _ name: String, _ summary: String, access: Route.Access = .anyone, rate: RateLimiter.Rule? = nil,
        query: [Field] = [], list: @escaping @Sendable (Call) -> StreamList?
    ) -> Route {
        Route(
            .get, "/api/viewer/\(name)", summary, access: access, rate: rate, query: query + .paging,
            answer: .page(StreamCard.shape), refusals: [.invalidCursor]
        ) { call in
            let cursor = try call.cursor(keys: 4)
            guard let list = list(call) else { return .data(Page<StreamCard>(items: [])) }
            return .data(try await discovery.page(list, for: call.user, after: cursor, limit: call.limit))
        }
    }
}

extension Field {
    fileprivate static let searchWords = Field(
        name: "q", kind: .text(1...100, lines: .one), isRequired: true, about: "Words; the last may be only begun.")
}
