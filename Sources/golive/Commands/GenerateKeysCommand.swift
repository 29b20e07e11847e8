import ArgumentParser

/// `golive generate-keys`: a new API key with its secret, in the form that settings take.
struct GenerateKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-keys", abstract: "Print a new API key and its secret.")

    func run() {
        var generator = SystemRandomNumberGenerator()
        let (name, secret) = Self.pair(using: &generator)
        print("API Key:    \(name)\nAPI Secret: \(secret)\n\nStart with: golive serve --keys \(name):\(secret)")
    }

    /// 71 bits name the key; its secret has 256.
    static func pair(using generator: inout some RandomNumberGenerator) -> (name: String, secret: String) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        func text(_ count: Int) -> String {
            String((0..<count).map { _ in alphabet.randomElement(using: &generator)! })
        }
        return ("API" + text(12), text(43))
    }
}
