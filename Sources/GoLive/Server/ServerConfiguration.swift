package import NIOSSL
package import Signal

/// What the server is started with; the command line makes it from the settings.
package struct GoLiveConfiguration: Sendable {
    /// The address that HTTP and media are bound to; `::` stands for every address of both families.
    package var host = "127.0.0.1"
    /// HTTP and WebSocket; 0: any free port.
    package var port = 7880
    /// Media; 0: any free port.
    package var udpPort = 7882
    /// Media over TCP; 0: any free port; nil: none.
    package var tcpPort: Int? = 7881
    /// The addresses that clients send media to; empty: found from `host` and the interfaces.
    package var nodeIPs: [String] = []
    /// Media threads; 0: one for each core.
    package var workers = 0
    /// Secrets by API key; the first name in order signs webhooks.
    package var keys: [String: String] = [:]
    /// Whether the pages may make tokens for anyone.
    package var isDevelopment = false
    package var webhookURLs: [String] = []
    package var tls: TLSConfiguration?
    package var turn = TURNServers()
    package var limits = HTTPLimits()
    /// A folder of pages to serve as it is at start; nil: those compiled in.
    package var pagesDirectory: String?
    package var application = ApplicationSettings()

    package init() {}
}
