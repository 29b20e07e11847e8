import Foundation
import Logging

/// One thing that can be set. Its name is its place in the YAML file (`webhook.urls`); the environment's name
/// (`GOLIVE_WEBHOOK_URLS`) and the flag (`--webhook-urls`) follow from it.
struct Setting: Sendable {
    enum Arity: Sendable {
        /// Stands alone, or says true or false.
        case toggle
        case one
        /// Repeated, or apart by commas.
        case many
    }

    /// Why a text is no value for the setting.
    struct Refusal: Error {
        var reason: String
    }

    let name: String
    let arity: Arity
    /// What help shows for the value.
    let placeholder: String
    let help: String
    let apply: @Sendable (inout Settings, [String]) throws(Refusal) -> Void

    var flag: String { "--" + name.map { $0 == "." || $0 == "_" ? "-" : String($0) }.joined() }
    var environmentName: String { "GOLIVE_" + name.map { $0 == "." ? "_" : $0.uppercased() }.joined() }
}

extension Setting {
    static func toggle(_ name: String, _ path: any WritableKeyPath<Settings, Bool> & Sendable, _ help: String)
        -> Setting
    {
        Setting(name: name, arity: .toggle, placeholder: "", help: help) { settings, texts throws(Refusal) in
            switch texts.first {
            case nil, "true": settings[keyPath: path] = true
            case "false": settings[keyPath: path] = false
            default: throw Refusal(reason: "must be true or false")
            }
        }
    }

    static func integer(
        _ name: String, _ path: any WritableKeyPath<Settings, Int> & Sendable, _ range: ClosedRange<Int>, _ help: String
    ) -> Setting {
        let help = "\(help) (default \(Settings()[keyPath: path]))"
        return Setting(name: name, arity: .one, placeholder: "NUMBER", help: help) { settings, texts throws(Refusal) in
            guard let number = Int(texts[0]), range.contains(number) else {
                throw Refusal(reason: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            settings[keyPath: path] = number
        }
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable, _ help: String
    ) -> Setting {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        let help = "\(help): \(names) (default \(Settings()[keyPath: path].rawValue))"
        return Setting(name: name, arity: .one, placeholder: "NAME", help: help) { settings, texts throws(Refusal) in
            guard let value = Value(rawValue: texts[0]) else { throw Refusal(reason: "must be one of \(names)") }
            settings[keyPath: path] = value
        }
    }

    /// - Parameter refusal: why the text is no value; `nil`: it is one.
    static func text<Value: Sendable>(
        _ name: String, _ placeholder: String, _ help: String,
        read: @escaping @Sendable (String) throws(Refusal) -> Value,
        write: @escaping @Sendable (inout Settings, Value) -> Void
    ) -> Setting {
        Setting(name: name, arity: .one, placeholder: placeholder, help: help) { settings, texts throws(Refusal) in
            guard !texts[0].isEmpty else { throw Refusal(reason: "must not be empty") }
            write(&settings, try read(texts[0]))
        }
    }

    static func list<Value: Sendable>(
        _ name: String, _ placeholder: String, _ help: String,
        read: @escaping @Sendable (String) throws(Refusal) -> Value,
        write: @escaping @Sendable (inout Settings, [Value]) throws(Refusal) -> Void
    ) -> Setting {
        Setting(name: name, arity: .many, placeholder: placeholder + " …", help: help) {
            settings, texts throws(Refusal) in
            var values: [Value] = []
            for (index, text) in texts.enumerated() {
                do throws(Refusal) {
                    values.append(try read(text))
                } catch {
                    // The text itself is not repeated: it may hold a secret.
                    throw Refusal(reason: texts.count == 1 ? error.reason : "value \(index + 1) \(error.reason)")
                }
            }
            try write(&settings, values)
        }
    }
}
