package import NIOCore

/// The bounds that every connection to the HTTP port is held to.
package struct HTTPLimits: Sendable {
    /// Sockets open at once; more wait in the kernel's queue.
    package var connections = 20_000
    /// From the connection to its first request.
    package var firstRequest: TimeAmount = .seconds(15)
    /// Between the requests of one connection, and within one.
    package var idle: Duration = .seconds(60)
    /// Of one request's header fields together. An access token in the URL counts separately.
    package var headerBytes = 32 << 10
    package var headerCount = 100
    package var bodyBytes = 64 << 10
    var webSocket = WebSocketHandler.Limits()

    package init() {}
}
