import Testing

@testable import Signal

@Suite struct SignalQueryTests {
    @Test func `a URL that says nothing gets LiveKit's defaults`() {
        let query = SignalQuery { _ in nil }
        #expect(query.autoSubscribe)
        #expect(!query.reconnect && !query.text)
    }

    @Test func `what the Python SDK says is read`() {
        let url = ["sdk": "python", "protocol": "18", "auto_subscribe": "0", "version": "1.2.0", "reconnect": "1"]
        let query = SignalQuery { url[$0] }
        #expect(!query.autoSubscribe && query.reconnect)
        #expect(query.sdk == "python" && query.version == "1.2.0" && query.protocolVersion == 18)
    }

    @Test func `our own client asks for text`() {
        #expect(SignalQuery { $0 == "format" ? "json" : nil }.text)
    }
}
