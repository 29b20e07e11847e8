import AsyncHTTPClient
import Crypto
import Foundation
import NIOCore
import NIOHTTP1

/// Posts an event once, signed as LiveKit signs: a token over the SHA-256 of the body, in `Authorization`.
struct WebhookSender: Sendable {
    enum Outcome: Sendable {
        case delivered(String)
        /// The receiver understood and does not want it; saying it again helps nobody.
        case refused(String)
        /// Worth another try.
        case failed(String)
    }

    private let tokens: AccessTokens
    private let apiKey: String
    private let timeout: Duration
    private let client: HTTPClient

    /// - Parameter timeout: for one attempt.
    init(tokens: AccessTokens, apiKey: String, timeout: Duration) {
        self.tokens = tokens
        self.apiKey = apiKey
        self.timeout = timeout
        // A redirect would take the signed event to somebody whom the operator has not named.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func close() async { try? await client.shutdown() }

    func send(_ delivery: WebhookDelivery) async -> Outcome {
        do {
            let status = try await post(delivery.body, to: delivery.receiver)
            switch status {
            case 200..<300: return .delivered("status \(status)")
            case 400..<500 where status != 408 && status != 429: return .refused("status \(status)")
            default: return .failed("status \(status)")
            }
        } catch let error as HTTPClientError {
            return .failed(error.shortDescription)
        } catch {
            // The type alone: an error's text may repeat the URL.
            return .failed("\(type(of: error))")
        }
    }

    private func post(_ body: [UInt8], to url: String) async throws -> Int {
        let digest = Data(SHA256.hash(data: body)).base64EncodedString()
        let token = try await tokens.issue(Grant(identity: "", sha256: digest), apiKey: apiKey, ttl: .seconds(300))
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "authorization", value: token)
        request.headers.add(name: "content-type", value: "application/webhook+json")
        request.headers.add(name: "user-agent", value: "\(ServerVersion.name)/\(ServerVersion.current)")
        request.body = .bytes(body)
        let response = try await client.execute(request, timeout: TimeAmount(timeout))
        return Int(response.status.code)
    }
}
