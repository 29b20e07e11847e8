import Foundation

/// Takes in a password: asked for twice on a terminal, without showing it; else the first line of standard input.
enum Passphrase {
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameter fromStandardInput: whether to read it even from a terminal without asking.
    static func read(fromStandardInput: Bool) throws(Fault) -> String {
        guard !fromStandardInput, isatty(STDIN_FILENO) == 1 else { return try line() }
        let first = try asked("Password: ")
        guard try asked("Again: ") == first else { throw Fault(description: "the passwords differ") }
        return first
    }

    private static func asked(_ question: String) throws(Fault) -> String {
        FileHandle.standardError.write(Data(question.utf8))
        var before = termios()
        tcgetattr(STDIN_FILENO, &before)
        var hidden = before
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        return try line()
    }

    private static func line() throws(Fault) -> String {
        guard let line = readLine() else { throw Fault(description: "there is no password on standard input") }
        return line
    }
}
