package import Relay

/// What every signalling connection of this server is told and held to.
package struct SignalSettings: Sendable {
    package struct Limits: Sendable {
        /// Bytes of one message from a client.
        package var message = 64 << 10
        /// Requests that a client may send at once, and a second in the long run.
        package var requestBurst = 200.0
        package var requestsPerSecond = 100.0
        /// Messages that cannot be read or are unknown: at once, and a second in the long run.
        package var mistakeBurst = 10.0
        package var mistakesPerSecond = 0.1
        /// What may wait for a client that reads slowly: messages, and their bytes.
        package var queuedMessages = 512
        package var queuedBytes = 1 << 20
        /// A client that took nothing for so long before its connection broke counts as one that does not read.
        package var readingPause: Duration = .seconds(5)

        package init() {}
    }

    /// The LiveKit release whose behaviour is kept: SDKs decide by it what they may use.
    package var serverVersion = "1.13.0"
    package var region = ""
    package var nodeID = ""
    /// Servers outside through which clients reach us where nothing else gets through.
    package var turn = TURNServers()
    /// Clients choose another codec of theirs when the one they want is not among these.
    package var publishCodecs = ["video/VP8", "audio/opus"]
    /// How often a client is to ping; rounded to whole seconds for it.
    package var pingInterval: Duration = .seconds(5)
    /// A client that was not heard for so long is gone.
    package var pingTimeout: Duration = .seconds(15)
    /// Of the tokens that clients are given to come back with; they get a new one at half of it.
    package var tokenLifetime: Duration = .seconds(600)
    /// How long a participant stays whose connection broke, so that the client can resume.
    package var resumeWindow = ResumeWindow()
    /// Whether clients may ask for faults (`SimulateScenario`), as the tests of SDKs do.
    package var simulatesFaults = false
    /// How long the last words may take to be sent.
    package var farewell: Duration = .seconds(2)
    package var limits = Limits()

    package init() {}
}
