import NIOHTTP1
import NIOPosix
import Signal
import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import Testing

@testable import GoLive

@Suite struct GoLiveServerTests {
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `the server answers while it runs and is gone when it was told to stop`() async throws {
        var configuration = GoLiveConfiguration()
        configuration.port = 0
        configuration.udpPort = 0
        configuration.tcpPort = 0
        configuration.keys = ["devkey": "secret"]
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        configuration.application.database = "sqlite:\(folder.path)/golive.db"
        let server = try await GoLiveServer(configuration, logger: quiet)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run {
                    for await _ in stops { return }
                } onListening: {
                    listening.yield($0)
                }
            }
            let port = try #require(await ports.first { _ in true })
            let ready = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://127.0.0.1:\(port)/readyz"), timeout: .seconds(30))
            #expect(ready.status == .ok)
            let page = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://127.0.0.1:\(port)/"), timeout: .seconds(30))
            #expect(page.status == .ok)
            stop.yield()
            try await group.waitForAll()
            await #expect(throws: (any Error).self) {
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: port).get()
            }
        }
    }

    @Test func `every file of the browser client is compiled in`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/GoLive/Pages/Assets").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names) == Set(PageAssets.files.keys))
    }

    @Test func `pages can be served from a folder, which must be there`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pages-\(UUID().uuidString)")
        #expect(throws: (any Error).self) { try PageAssets.assets(from: folder.path) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("<!doctype html>".utf8).write(to: folder.appending(path: "index.html"))
        #expect(try PageAssets.assets(from: folder.path).names == ["index.html"])
        #expect(try PageAssets.assets(from: nil).names.contains("channel.html"))
    }

    @Test func `addresses beyond this machine are told to clients, others only for want of them`() {
        let all = ["127.0.0.1", "169.254.1.1", "10.0.0.5", "::1", "fe80::1%eth0", "2001:db8::1"]
        #expect(LocalAddresses.choose(all, sixToo: false) == ["10.0.0.5"])
        #expect(LocalAddresses.choose(all, sixToo: true) == ["10.0.0.5", "2001:db8::1"])
        #expect(LocalAddresses.choose(["127.0.0.1"], sixToo: false) == ["127.0.0.1"])
        #expect(LocalAddresses.choose(["127.0.0.1", "::1", "fe80::1%eth0"], sixToo: true) == ["127.0.0.1", "::1"])
        let interfaces = ["10.0.0.5", "192.168.3.4", "2001:db8::1", "2001:db8:1::1"]
        #expect(LocalAddresses.choose(interfaces, sixToo: true) == interfaces)
        #expect(
            LocalAddresses.advertised(host: "::", stated: ["1.2.3.4", "2001:db8::9"]) == ["1.2.3.4", "2001:db8::9"])
        #expect(LocalAddresses.advertised(host: "0.0.0.0", stated: ["1.2.3.4"]) == ["1.2.3.4"])
        #expect(LocalAddresses.advertised(host: "127.0.0.1", stated: []) == ["127.0.0.1"])
        #expect(!LocalAddresses.advertised(host: "0.0.0.0", stated: []).isEmpty)
    }

    @Test(arguments: [
        ("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1"),
        ("64:ff9b::1", "64:ff9b::1"),
    ])
    func `a client of IPv4 has one address, whichever socket took its connection`(
        seen: String, address: String
    ) throws {
        #expect(try SocketAddress(ipAddress: seen, port: 1).peerAddress == address)
    }
}
