/// The pictures of streams. An uploaded one goes before one that was made while live.
extension SQLConnection {
    func thumbnail(of userID: String) throws -> Thumbnail? {
        try run(
            """
            SELECT kind, content_type, bytes, tag FROM thumbnails WHERE user_id = ?1
            ORDER BY CASE kind WHEN 'uploaded' THEN 0 ELSE 1 END LIMIT 1
            """, [.text(userID)]
        ).first.map(Thumbnail.init)
    }

    /// Where a stream's picture is: the address that its creator chose, else that of what is kept here; nil: none.
    func thumbnailAddress(of stream: Stream) throws -> String? {
        let row = try run(
            "SELECT \(StreamThumbnail.column) FROM streams s WHERE s.user_id = ?1", [.text(stream.userID)]
        ).first
        return StreamThumbnail.address(
            chosen: stream.thumbnail, tag: try row?.optionalText("thumbnail_tag"), userID: stream.userID)
    }

    /// Takes the place of the one of its kind, if it is another picture.
    ///
    /// - Throws: `SQLError.foreignKey` when there is no such user.
    func put(_ thumbnail: Thumbnail, of userID: String, at now: Int64) throws {
        try run(
            """
            INSERT INTO thumbnails (user_id, kind, content_type, bytes, tag, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (user_id, kind) DO UPDATE SET content_type = excluded.content_type, bytes = excluded.bytes,
                tag = excluded.tag, updated_at = excluded.updated_at
            WHERE thumbnails.tag <> excluded.tag
            """,
            [
                .text(userID), .text(thumbnail.kind.rawValue), .text(thumbnail.contentType), .blob(thumbnail.bytes),
                .text(thumbnail.tag), .int(now),
            ])
    }

    func deleteThumbnail(_ kind: Thumbnail.Kind, of userID: String) throws {
        try run("DELETE FROM thumbnails WHERE user_id = ?1 AND kind = ?2", [.text(userID), .text(kind.rawValue)])
    }
}

/// What a creator does to the picture of their stream.
extension Store {
    /// Puts an uploaded picture in the place of whatever was shown; nil takes it back, so that the live one is shown.
    ///
    /// - Returns: what the stream tells of itself from now on; nil when there is no stream.
    func setUploaded(_ thumbnail: Thumbnail?, of userID: String, at now: Int64) async throws -> LiveUpdate? {
        try await write { connection in
            guard try connection.stream(of: userID) != nil else { return nil }
            if let thumbnail {
                try connection.put(thumbnail, of: userID, at: now)
            } else {
                try connection.deleteThumbnail(.uploaded, of: userID)
            }
            try connection.run(
                "UPDATE streams SET thumbnail = NULL, updated_at = ?2 WHERE user_id = ?1", [.text(userID), .int(now)])
            return try connection.stream(of: userID).map { try connection.info(of: $0) }
        }
    }
}
