import Foundation
import Yams

/// Puts the settings together: flags over the environment over the YAML file over the defaults.
struct SettingsReader {
    var arguments: [String]
    var environment: [String: String]
    /// Reads the file at a path.
    var readFile: (String) throws -> String = { try String(contentsOfFile: $0, encoding: .utf8) }

    func read() throws(SettingError) -> Settings {
        let flags = try parseFlags()
        var settings = Settings()
        if let path = flags.config ?? environment[SettingTable.configEnvironmentName] {
            let origin: SettingError.Origin = flags.config == nil ? .configuration : .commandLine
            let name = flags.config == nil ? SettingTable.configEnvironmentName : SettingTable.configFlag
            guard let text = try? readFile(path) else {
                throw SettingError(origin, name, "the file \(path) cannot be read")
            }
            try applyFile(text, path, to: &settings)
        }
        try applyEnvironment(to: &settings)
        for (setting, texts) in flags.values {
            try apply(setting, texts, to: &settings, .commandLine, setting.flag)
        }
        return settings
    }

    private func apply(
        _ setting: Setting, _ texts: [String], to settings: inout Settings, _ origin: SettingError.Origin,
        _ name: String
    ) throws(SettingError) {
        do {
            try setting.apply(&settings, texts)
        } catch {
            throw SettingError(origin, name, error.reason)
        }
    }

    // MARK: Flags

    private struct Flags {
        var config: String?
        /// In order; a list's values are together.
        var values: [(Setting, [String])] = []
    }

    private func parseFlags() throws(SettingError) -> Flags {
        var flags = Flags()
        var lists: [String: Int] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard name.hasPrefix("--"), name == SettingTable.configFlag || SettingTable.byFlag[name] != nil else {
                // What is not a flag is not repeated: it may be a stray secret.
                throw SettingError(
                    .commandLine, name.hasPrefix("-") ? name : "serve",
                    name.hasPrefix("-") ? "there is no such flag" : "an argument without a flag")
            }
            var texts = parts.count == 2 ? [String(parts[1])] : []
            let setting = SettingTable.byFlag[name]
            if setting?.arity != .toggle, texts.isEmpty {
                while let next = rest.first, !next.hasPrefix("--"), texts.isEmpty || setting?.arity == .many {
                    texts.append(rest.removeFirst())
                }
                guard !texts.isEmpty else { throw SettingError(.commandLine, name, "needs a value") }
            }
            guard let setting else {
                flags.config = texts[0]
                continue
            }
            if setting.arity == .many {
                texts = texts.flatMap(Self.words)
                if let index = lists[name] {
                    flags.values[index].1 += texts
                    continue
                }
                lists[name] = flags.values.count
            }
            flags.values.append((setting, texts))
        }
        return flags
    }

    // MARK: Environment

    private func applyEnvironment(to settings: inout Settings) throws(SettingError) {
        for name in environment.keys.sorted() where name.hasPrefix("GOLIVE_") {
            guard name != SettingTable.configEnvironmentName else { continue }
            guard let setting = SettingTable.byEnvironmentName[name] else {
                throw SettingError(.configuration, name, "there is no such setting")
            }
            let text = environment[name] ?? ""
            let texts = setting.arity == .many ? Self.words(text) : [text]
            try apply(setting, texts, to: &settings, .configuration, name)
        }
    }

    /// A list in one text: apart by commas or white space.
    private static func words(_ text: String) -> [String] {
        text.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    // MARK: File

    private func applyFile(_ text: String, _ path: String, to settings: inout Settings) throws(SettingError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingError(.configuration, path, "is not YAML")
        }
        guard let root, root.null == nil || root.string?.isEmpty != true else { return }
        try apply(root, at: "", path, to: &settings)
    }

    /// Descends until a setting's name is spelled.
    private func apply(
        _ node: Node, at name: String, _ path: String, to settings: inout Settings
    ) throws(SettingError) {
        if let setting = SettingTable.byName[name] {
            guard let texts = Self.texts(of: node, for: setting) else {
                throw SettingError(
                    .configuration, name, setting.arity == .many ? "must be a list" : "must be one value")
            }
            return try apply(setting, texts, to: &settings, .configuration, name)
        }
        let isGroup = name.isEmpty || SettingTable.all.contains { $0.name.hasPrefix(name + ".") }
        guard isGroup else { throw SettingError(.configuration, name, "there is no such setting (in \(path))") }
        guard let mapping = node.mapping else {
            throw SettingError(.configuration, name.isEmpty ? path : name, "must be a map of settings")
        }
        for (key, value) in mapping {
            guard let key = key.string else {
                throw SettingError(.configuration, name.isEmpty ? path : name, "has a key that is not a name")
            }
            try apply(value, at: name.isEmpty ? key : name + "." + key, path, to: &settings)
        }
    }

    /// The texts of a scalar or a list; of a map for `keys`, where LiveKit's files have one.
    private static func texts(of node: Node, for setting: Setting) -> [String]? {
        if let text = node.scalar?.string { return setting.arity == .many ? words(text) : [text] }
        guard setting.arity == .many else { return nil }
        if let sequence = node.sequence {
            let texts = sequence.compactMap { $0.scalar?.string }
            return texts.count == sequence.count ? texts : nil
        }
        if setting.name == "keys", let mapping = node.mapping {
            let texts = mapping.compactMap { key, value -> String? in
                guard let key = key.scalar?.string, let value = value.scalar?.string else { return nil }
                return key + ":" + value
            }
            return texts.count == mapping.count ? texts : nil
        }
        return nil
    }
}
