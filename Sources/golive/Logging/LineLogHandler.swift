import Foundation
import Logging

/// Writes each message as one line to standard error: for people, or as JSON for machines.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    init(
        label: String, level: Logger.Level, format: LogFormat,
        write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
    ) {
        self.label = label
        self.logLevel = level
        self.format = format
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { $1 }
        all.merge(event.metadata ?? [:]) { $1 }
        let time = Date().formatted(Self.time)
        let line =
            switch format {
            case .text: Self.text(time, event.level, event.message.description, all)
            case .json: Self.json(time, event.level, label, event.message.description, all)
            }
        write(line + "\n")
    }

    private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    static func text(_ time: String, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
        let members = metadata.sorted { $0.key < $1.key }.map { key, value in " \(key)=\(quoted("\(value)"))" }
        return "\(time) \(level.rawValue.uppercased()) \(oneLine(message))\(members.joined())"
    }

    static func json(
        _ time: String, _ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata
    ) -> String {
        var members = metadata.mapValues { "\($0)" }
        members["time"] = time
        members["level"] = level.rawValue
        members["logger"] = label
        members["message"] = message
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(members)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && !text.contains { $0.isWhitespace || $0 == "\"" || $0 == "=" }
        return isPlain ? text : "\"" + oneLine(text).replacing("\"", with: "\\\"") + "\""
    }

    private static func oneLine(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\\n")
    }
}
