import ArgumentParser
import Signal

@main
struct GoLiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "golive",
        abstract: "A live-streaming server: publish from a browser, watch in under a second.",
        version: ServerVersion.current,
        subcommands: [
            ServeCommand.self, UserCommand.self, TokenCommand.self, GenerateKeysCommand.self, LoadTestCommand.self,
        ])
}
