import Glibc

/// The relay could not be started: which call failed, and why.
package struct RelayStartError: Error, CustomStringConvertible, Sendable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    init(_ call: String, _ errorNumber: Int32) {
        description = "media: \(call): \(String(cString: strerror(errorNumber)))"
    }
}
