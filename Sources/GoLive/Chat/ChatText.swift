/// What a message may say. Messages are text: nothing in them is ever markup.
enum ChatText {
    /// Unicode scalars, after white space at both ends is cut off.
    static let lengthLimit = 500

    /// The text as it is kept.
    static func judge(_ text: String) throws(ChatObjection) -> String {
        let trimmed = text.trimmingWhiteSpace()
        guard !trimmed.isEmpty else { throw .empty }
        guard trimmed.unicodeScalars.count <= lengthLimit else { throw .tooLong }
        // The text is passed on as it was sent, so its ends count here.
        guard text.unicodeScalars.allSatisfy({ $0 == "\n" || $0.properties.generalCategory != .control }) else {
            throw .controlCharacters
        }
        return trimmed
    }
}

extension ChatObjection: Error {}
