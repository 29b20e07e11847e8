// swift-tools-version: 6.2
import PackageDescription

/// Every target of our own is compiled with these; warnings are errors here and nowhere else.
let ours: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

/// What the HTTP and WebSocket front door is built from.
let server: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HummingbirdTLS", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "Logging", package: "swift-log"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "NIOWebSocket", package: "swift-nio"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
]

let package = Package(
    name: "golive",
    products: [
        .executable(name: "golive", targets: ["golive"])
    ],
    traits: [
        .trait(name: "PostgreSQL", description: "Keep data in PostgreSQL through libpq, besides the embedded SQLite.")
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries and C shims: no logic.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSRTP", pkgConfig: "libsrtp2", providers: [.apt(["libsrtp2-dev"])]),
        .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
        .systemLibrary(name: "CVPX", pkgConfig: "vpx", providers: [.apt(["libvpx-dev"])]),
        .systemLibrary(name: "CUSRSCTP", providers: [.apt(["libusrsctp-dev"])]),
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPrefetch"),
        .target(name: "CSocket"),
        .target(name: "CIPSec"),

        // golive → GoLive → Signal → Relay → Media → C libraries
        .target(
            name: "Media", dependencies: ["COpenSSL", "CIPSec", "CPrefetch", "COpus", "CVPX"], swiftSettings: ours),
        .target(name: "Relay", dependencies: ["Media", "CPrefetch", "CSocket"], swiftSettings: ours),
        .target(
            name: "LiveKitProtocol",
            dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["protos"],
            swiftSettings: ours
        ),
        .target(
            name: "Signal",
            dependencies: [
                "Relay", "LiveKitProtocol", "CZlib",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ] + server,
            swiftSettings: ours
        ),
        .target(
            name: "GoLive",
            dependencies: [
                "Signal",
                .target(name: "CPQ", condition: .when(traits: ["PostgreSQL"])),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ] + server,
            resources: [.embedInCode("Pages/Assets")],
            swiftSettings: ours
        ),
        // Participants for load tests, from the client's side of Media.
        .target(
            name: "LoadTest",
            dependencies: [
                "Media", "CSocket", "LiveKitProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: ours
        ),
        .executableTarget(
            name: "golive",
            dependencies: [
                "GoLive", "LoadTest",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ] + server,
            swiftSettings: ours
        ),

        // One worker's way of a packet by itself, for tests and benchmarks.
        .target(name: "Allocations", path: "Benchmarks/Allocations"),
        .target(name: "Reference", dependencies: ["COpenSSL"], path: "Benchmarks/Reference"),
        .target(
            name: "Forwarding", dependencies: ["Relay", "Media", "Reference"],
            path: "Benchmarks/Forwarding", swiftSettings: ours),

        .testTarget(
            name: "MediaTests", dependencies: ["Media", "CSRTP", "CUSRSCTP"],
            resources: [.copy("Fixtures")], swiftSettings: ours),
        .testTarget(
            name: "RelayTests", dependencies: ["Relay", "Media", "Forwarding", "Allocations"],
            resources: [.copy("Fixtures")], swiftSettings: ours),
        .testTarget(
            name: "LoadTestTests",
            dependencies: [
                "LoadTest", "LiveKitProtocol", "Media",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], swiftSettings: ours),
        .testTarget(name: "SignalTests", dependencies: ["Signal", "LiveKitProtocol"], swiftSettings: ours),
        .testTarget(
            name: "GoLiveTests",
            dependencies: [
                "GoLive", "LoadTest", "golive",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ] + server,
            swiftSettings: ours),
    ]
)

/// Some parts of the package by themselves, without anything that has to be fetched, for builds of a special kind:
/// `GOLIVE_PARTS=relay` is Relay and Media with their tests, for the sanitizers; `GOLIVE_PARTS=fuzz` is Media and its fuzz
/// targets, made for libFuzzer; `GOLIVE_PARTS=benchmark` is what times the way of a packet.
@MainActor func reduce(to parts: Set<String>) {
    let systems: Set = ["COpenSSL", "CIPSec", "CSRTP", "COpus", "CVPX", "CUSRSCTP", "CPrefetch", "CSocket"]
    package.targets.removeAll { !parts.union(systems).contains($0.name) }
    package.dependencies = []
    package.products = []
    package.traits = []
}

let forwarding: Set = ["Forwarding", "Reference", "Allocations"]

switch Context.environment["GOLIVE_PARTS"] {
case "relay":
    reduce(to: forwarding.union(["Media", "Relay", "MediaTests", "RelayTests"]))
case "benchmark":
    reduce(to: forwarding.union(["Media", "Relay"]))
    package.targets.append(
        .executableTarget(
            name: "Micro", dependencies: ["Forwarding", "Reference", "Allocations", "Media"], path: "Benchmarks/Micro",
            swiftSettings: ours))
    // Forwarding looks at what Relay keeps to itself, in release builds too.
    for target in package.targets where target.name == "Relay" {
        target.swiftSettings! += [.unsafeFlags(["-enable-testing"])]
    }
case "fuzz":
    reduce(to: ["Media"])
    package.targets.append(
        .executableTarget(name: "Fuzz", dependencies: ["Media"], path: "Tests/Fuzz", swiftSettings: ours))
    let sanitizers = "-sanitize=fuzzer,address"
    for target in package.targets where ["Media", "Fuzz"].contains(target.name) {
        target.swiftSettings! += [.unsafeFlags([sanitizers, "-enable-testing"])]
        // Debian's gold, the default linker, fails on what the sanitizers emit.
        target.linkerSettings = [.unsafeFlags([sanitizers, "-use-ld=lld"])]
    }
default: break
}
