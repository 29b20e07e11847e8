/// The address of a stream's picture: the one its creator chose, else the one kept here (uploaded before made while
/// live), else none.
enum StreamThumbnail {
    /// For statements whose `streams` is called `s`. Looks at the key and the tag only, never at the bytes.
    static let column = """
        (SELECT t.tag FROM thumbnails t WHERE t.user_id = s.user_id
            ORDER BY CASE t.kind WHEN 'uploaded' THEN 0 ELSE 1 END LIMIT 1) AS thumbnail_tag
        """

    /// - Parameter tag: of the kept picture. It is in the address, so that a new picture has a new address.
    static func address(chosen: String?, tag: String?, userID: String) -> String? {
        chosen ?? tag.map { Thumbnail.address(userID: userID, tag: $0) }
    }
}
