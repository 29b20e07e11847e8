/// The tables, as numbered steps that are taken once each and never change after a release: a new need is a new step.
///
/// Times are milliseconds since 1970; ids are UUIDs in lower case, where nothing else is said.
enum Schema {
    struct Step: Sendable {
        var name: String
        var statements: @Sendable (SQLDialect) -> [String]
    }

    static let steps = [
        Step(name: "0001_accounts", statements: accounts),
        Step(name: "0002_streams", statements: streams),
        Step(name: "0003_social", statements: social),
        Step(name: "0004_chat", statements: chat),
        Step(name: "0005_webhooks", statements: webhooks),
    ]

    /// Takes the steps that were not taken yet, all or none.
    static func migrate(_ database: any SQLDatabase) async throws {
        try await database.write { connection in
            // Two servers that start at once on one PostgreSQL wait for each other.
            if connection.dialect == .postgreSQL { try connection.run("SELECT pg_advisory_xact_lock(7880)") }
            try connection.run(
                "CREATE TABLE IF NOT EXISTS schema_steps (name TEXT PRIMARY KEY, taken_at BIGINT NOT NULL)")
            let taken = Set(try connection.run("SELECT name FROM schema_steps").map { try $0.text("name") })
            for step in steps where !taken.contains(step.name) {
                for statement in step.statements(connection.dialect) { try connection.run(statement) }
                try connection.run(
                    "INSERT INTO schema_steps (name, taken_at) VALUES (?1, ?2)",
                    [.text(step.name), .int(WallClock.now())])
            }
        }
    }

    private static func blob(_ dialect: SQLDialect) -> String { dialect == .sqlite ? "BLOB" : "BYTEA" }

    private static func serial(_ dialect: SQLDialect) -> String {
        dialect == .sqlite
            ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    }

    @Sendable private static func accounts(_ dialect: SQLDialect) -> [String] {
        [
            // `username_key` is the name in lower case: names differ by more than their case.
            // `external_id` is issuer and subject of an outside identity provider.
            """
            CREATE TABLE users (
                id TEXT PRIMARY KEY, username TEXT NOT NULL, username_key TEXT NOT NULL UNIQUE,
                display_name TEXT NOT NULL, bio TEXT NOT NULL, image_url TEXT, password_hash TEXT,
                external_id TEXT UNIQUE, role TEXT NOT NULL, creator_status TEXT NOT NULL, created_at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE sessions (
                token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)
            """,
            "CREATE INDEX sessions_by_user ON sessions (user_id)",
            "CREATE INDEX sessions_by_expiry ON sessions (expires_at)",
            """
            CREATE TABLE creator_applications (
                user_id TEXT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE, reason TEXT NOT NULL,
                status TEXT NOT NULL, created_at BIGINT NOT NULL, decided_at BIGINT, decided_by TEXT)
            """,
            "CREATE INDEX creator_applications_by_status ON creator_applications (status, created_at)",
        ]
    }

    @Sendable private static func streams(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE streams (
                id TEXT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE REFERENCES users(id) ON DELETE CASCADE,
                title TEXT NOT NULL, description TEXT NOT NULL, thumbnail TEXT,
                phase TEXT NOT NULL, live_session_id TEXT, started_at BIGINT,
                is_chat_enabled BOOLEAN NOT NULL, is_chat_delayed BOOLEAN NOT NULL,
                is_chat_followers_only BOOLEAN NOT NULL, is_chat_open_to_guests BOOLEAN NOT NULL,
                slow_mode_seconds BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)
            """,
            "CREATE INDEX streams_by_phase ON streams (phase)",
            """
            CREATE TABLE title_history (
                id \(serial(dialect)), user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                title TEXT NOT NULL, changed_at BIGINT NOT NULL)
            """,
            "CREATE INDEX title_history_by_user ON title_history (user_id, id)",
            // From go-live to end. `last_seen_at` is when it was last known to be live, for what a crash cut short.
            """
            CREATE TABLE live_sessions (
                id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                title TEXT NOT NULL, started_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL, ended_at BIGINT,
                peak_viewers BIGINT NOT NULL)
            """,
            "CREATE INDEX live_sessions_by_user ON live_sessions (user_id, started_at)",
            """
            CREATE TABLE viewer_samples (
                session_id TEXT NOT NULL REFERENCES live_sessions(id) ON DELETE CASCADE, taken_at BIGINT NOT NULL,
                viewers BIGINT NOT NULL, PRIMARY KEY (session_id, taken_at))
            """,
            // `kind` is `uploaded` or `live`; `tag` is the SHA-256 of the bytes.
            """
            CREATE TABLE thumbnails (
                user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, kind TEXT NOT NULL,
                content_type TEXT NOT NULL, bytes \(blob(dialect)) NOT NULL, tag TEXT NOT NULL,
                updated_at BIGINT NOT NULL, PRIMARY KEY (user_id, kind))
            """,
        ]
    }

    @Sendable private static func social(_ dialect: SQLDialect) -> [String] {
        // What people are found by: words folded by `SearchText`, with spaces between. Both databases index these words as
        // they are.
        let search =
            dialect == .sqlite
            ? [
                """
                CREATE TABLE search (
                    number INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE REFERENCES users(id) ON DELETE CASCADE,
                    document TEXT NOT NULL)
                """,
                // To the tokenizer `ascii`, whatever is not ASCII is part of a word.
                """
                CREATE VIRTUAL TABLE search_words USING fts5(
                    document, content = 'search', content_rowid = 'number', tokenize = 'ascii', prefix = '2 3')
                """,
                """
                CREATE TRIGGER search_added AFTER INSERT ON search BEGIN
                    INSERT INTO search_words (rowid, document) VALUES (new.number, new.document);
                END
                """,
                """
                CREATE TRIGGER search_removed AFTER DELETE ON search BEGIN
                    INSERT INTO search_words (search_words, rowid, document)
                    VALUES ('delete', old.number, old.document);
                END
                """,
                """
                CREATE TRIGGER search_changed AFTER UPDATE ON search BEGIN
                    INSERT INTO search_words (search_words, rowid, document)
                    VALUES ('delete', old.number, old.document);
                    INSERT INTO search_words (rowid, document) VALUES (new.number, new.document);
                END
                """,
            ]
            : [
                """
                CREATE TABLE search (
                    user_id TEXT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE, document TEXT NOT NULL)
                """,
                "CREATE INDEX search_by_word ON search USING gin (array_to_tsvector(string_to_array(document, ' ')))",
            ]
        return [
            """
            CREATE TABLE follows (
                follower_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                host_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, created_at BIGINT NOT NULL,
                PRIMARY KEY (follower_id, host_id))
            """,
            "CREATE INDEX follows_by_host ON follows (host_id, created_at)",
            """
            CREATE TABLE blocks (
                host_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                blocked_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, created_at BIGINT NOT NULL,
                PRIMARY KEY (host_id, blocked_id))
            """,
            "CREATE INDEX blocks_by_blocked ON blocks (blocked_id)",
        ] + search
    }

    @Sendable private static func chat(_ dialect: SQLDialect) -> [String] {
        [
            // `id` is the sender's, made unique within the host's chat by the server; `number` is the order of arrival.
            """
            CREATE TABLE chat_messages (
                number \(serial(dialect)), id TEXT NOT NULL,
                host_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, session_id TEXT,
                identity TEXT NOT NULL, user_id TEXT, name TEXT NOT NULL, text TEXT NOT NULL,
                sent_at BIGINT NOT NULL, deleted_at BIGINT, UNIQUE (host_id, id))
            """,
            "CREATE INDEX chat_messages_by_host ON chat_messages (host_id, number)",
            "CREATE INDEX chat_messages_by_session ON chat_messages (session_id)",
            """
            CREATE TABLE chat_timeouts (
                host_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, identity TEXT NOT NULL,
                until_at BIGINT NOT NULL, PRIMARY KEY (host_id, identity))
            """,
        ]
    }

    @Sendable private static func webhooks(_ dialect: SQLDialect) -> [String] {
        [
            // `state` is `waiting`, `delivered`, `refused` or `given_up`; `receiver` is a URL and may hold secrets.
            // `queued_at` is `created_at`, or when an administrator last asked for another try.
            """
            CREATE TABLE webhook_deliveries (
                number \(serial(dialect)), event_id TEXT NOT NULL, receiver TEXT NOT NULL, event TEXT NOT NULL,
                body TEXT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL, last_outcome TEXT,
                created_at BIGINT NOT NULL, queued_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                UNIQUE (event_id, receiver))
            """,
            "CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (state, number)",
        ]
    }
}
