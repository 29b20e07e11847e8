import ArgumentParser
import Foundation
import GoLive
import Logging
import NIOSSL

/// `golive serve`: starts the server and runs it until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server.",
        usage: "golive serve [--dev] [--config FILE] [settings]",
        discussion: SettingTable.help)

    // The table of settings reads these, so that flags, environment and file cannot differ.
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []

    func run() async throws {
        do {
            try await serve()
        } catch let error as SettingError {
            throw StandardError.fail(error.description, status: error.exitStatus)
        } catch {
            throw StandardError.fail("cannot serve: \(error)", status: 1)
        }
    }

    private func serve() async throws {
        let settings = try SettingsReader(arguments: settings, environment: ProcessInfo.processInfo.environment).read()
        try settings.check()
        let configuration = try GoLiveConfiguration(settings)
        let logger = Logger(label: "golive") { label in
            LineLogHandler(label: label, level: settings.logLevel, format: settings.logFormat)
        }
        OpenFiles.raiseLimit()
        let server = try await GoLiveServer(configuration, logger: logger)
        let signals = StopSignals()
        try await server.run {
            await signals.first()
        } onListening: { port in
            Greeting(settings, port: port).print()
        }
    }
}

extension GoLiveConfiguration {
    init(_ settings: Settings) throws(SettingError) {
        self.init()
        host = settings.bindAddress
        port = settings.port
        udpPort = settings.udpPort
        tcpPort = settings.tcp ? settings.tcpPort : nil
        turn = settings.turn.servers
        nodeIPs = settings.nodeIPs
        workers = settings.workers
        isDevelopment = settings.dev && settings.keys.isEmpty
        keys = settings.effectiveKeys
        webhookURLs = settings.webhookURLs
        pagesDirectory = settings.pagesDirectory
        application = ApplicationSettings(settings)
        if let certificate = settings.tlsCertificate, let key = settings.tlsKey {
            tls = try Self.tls(certificate: certificate, key: key)
        }
    }

    private static func tls(certificate: String, key: String) throws(SettingError) -> TLSConfiguration {
        let chain: [NIOSSLCertificateSource]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
        } catch {
            throw SettingError(.configuration, "tls.cert", "\(certificate) holds no PEM certificate that can be read")
        }
        do {
            let privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
            return .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(privateKey))
        } catch {
            throw SettingError(.configuration, "tls.key", "\(key) holds no PEM private key that can be read")
        }
    }
}

extension ApplicationSettings {
    init(_ settings: Settings) {
        self.init()
        database = settings.databaseAddress
        publicURL = settings.publicURL
        approval = settings.approval ?? (settings.dev ? .automatic : .manual)
        firstUserIsAdmin = settings.dev
        if let keySet = settings.keySet, let issuer = settings.issuer {
            identityProvider = IdentityProvider(keySet: keySet, issuer: issuer, audience: settings.audience)
        }
        mediaGrace = .seconds(settings.mediaGrace)
        chatDelay = .seconds(settings.chatDelay)
        guestsMayChat = settings.guestsMayChat
        trustedProxies = settings.trustedProxies
        limitsRequests = settings.limitsRequests
    }
}

/// The one line that a person who started the server reads.
struct Greeting {
    let line: String

    init(_ settings: Settings, port: Int) {
        let scheme = settings.tlsCertificate == nil ? "http" : "https"
        let address = settings.bindAddress
        let host = ["0.0.0.0", "::"].contains(address) ? "localhost" : address.contains(":") ? "[\(address)]" : address
        let usesDevelopmentKey = settings.dev && settings.keys.isEmpty
        let key = Settings.developmentKey
        line =
            "GoLive is listening: \(scheme)://\(host):\(port)"
            + (usesDevelopmentKey ? " (development: API key \(key.name), secret \(key.secret))" : "")
    }

    func print() {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
