import HTTPTypes

extension Application {
    var analyticsRoutes: [Route] {
        [
            Route(
                .get, "/api/stream/analytics", "One's sessions, newest first, and their sums.", access: .creator,
                query: [
                    .time("from", "Sessions that began then or later."), .time("to", "Sessions that began before."),
                ]
                    + .paging,
                answer: .object(
                    "Analytics",
                    [
                        ("sessions", .page(.session)), ("totals", .totals), ("busiestHours", .list(.hour)),
                    ]),
                refusals: [.invalidCursor]
            ) { call in
                let period = AnalyticsPeriod(from: call.time("from") ?? .min, to: call.time("to") ?? .max)
                let (sessions, totals) = try await analytics.overview(
                    of: try call.signedIn().id, period, after: try call.cursor(keys: 2), limit: call.limit)
                return .data(OverviewAnswer(sessions: sessions, totals: totals))
            },
            Route(
                .get, "/api/stream/analytics/{sessionId}", "One session, with its viewers over time.",
                access: .creator,
                answer: .object(
                    "SessionChart",
                    [
                        ("session", .session),
                        ("samples", .list(.object("SessionSample", [("at", .time), ("viewers", .integer)]))),
                    ]),
                refusals: [.notFound]
            ) { call in
                let id = try call.parameter("sessionId")
                guard let (session, samples) = try await analytics.session(id, of: try call.signedIn().id) else {
                    throw APIError.notFound
                }
                return .data(
                    ChartAnswer(
                        session: SessionAnswer(session),
                        samples: samples.map {
                            ChartAnswer.Sample(at: WallClock.text($0.takenAt), viewers: $0.viewers)
                        }))
            },
        ]
    }
}

private struct OverviewAnswer: Encodable, Sendable {
    struct Totals: Encodable {
        var sessions: Int64
        /// Seconds.
        var duration: Int64
        var averageViewers: Double
        var peakViewers: Int64
        var chatMessages: Int64
        var newFollowers: Int64
        var followers: Int64
    }

    struct Hour: Encodable {
        /// 0…23, UTC.
        var hour: Int
        var averageViewers: Double
        /// Live.
        var seconds: Int64
    }

    var sessions: Page<SessionAnswer>
    var totals: Totals
    var busiestHours: [Hour]

    init(sessions: Page<SessionAnswer>, totals: AnalyticsTotals) {
        self.sessions = sessions
        self.totals = Totals(
            sessions: totals.sessions, duration: totals.duration / 1000, averageViewers: totals.averageViewers,
            peakViewers: totals.peakViewers, chatMessages: totals.chatMessages, newFollowers: totals.newFollowers,
            followers: totals.followers)
        busiestHours = totals.hours.enumerated().map { hour, sums in
            Hour(hour: hour, averageViewers: sums.averageViewers, seconds: sums.duration / 1000)
        }
    }
}

private struct ChartAnswer: Encodable, Sendable {
    struct Sample: Encodable {
        var at: String
        var viewers: Int
    }

    var session: SessionAnswer
    var samples: [Sample]
}

extension Shape {
    fileprivate static let sums: [(String, Shape)] = [
        ("duration", .integer), ("averageViewers", .number), ("peakViewers", .integer), ("chatMessages", .integer),
        ("newFollowers", .integer),
    ]

    fileprivate static let session = Shape.object(
        "SessionAnalytics",
        [("id", .string), ("title", .string), ("startedAt", .time), ("endedAt", .nullable(.time))] + sums)

    fileprivate static let totals = Shape.object(
        "AnalyticsTotals", [("sessions", .integer)] + sums + [("followers", .integer)])

    fileprivate static let hour = Shape.object(
        "HourAnalytics", [("hour", .integer), ("averageViewers", .number), ("seconds", .integer)])
}

extension Field {
    /// A moment as the API writes it.
    fileprivate static func time(_ name: String, _ about: String) -> Field {
        var field = Field(name: name, kind: .text(1...40, lines: .one), about: about + " ISO 8601.")
        field.check = { value in
            guard case .string(let text) = value, WallClock.milliseconds(parsing: text) != nil else {
                return "must be a time such as 2026-11-21T10:35:03Z"
            }
            return nil
        }
        return field
    }
}

extension Call {
    fileprivate func time(_ name: String) -> Int64? { text(name).flatMap(WallClock.milliseconds(parsing:)) }
}
