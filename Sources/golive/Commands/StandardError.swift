import ArgumentParser
import Foundation

enum StandardError {
    /// Says in one line why the program ends, and gives the error that ends it.
    static func fail(_ reason: String, status: Int32) -> ExitCode {
        let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
        FileHandle.standardError.write(Data("golive: \(line)\n".utf8))
        return ExitCode(status)
    }
}
