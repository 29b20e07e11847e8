import NIOCore
import NIOPosix
import Testing

@testable import Signal

@Suite struct WebSocketTests {
    @Test func `messages go both ways, in fragments too, and pings are answered`() async throws {
        try await HTTPFixture.run { door in
            let socket = try await RawSocket.open(door, token: try await door.token(door.joinGrant))
            #expect(try await socket.frame() == .init(opcode: 1, text: "hello bob"))
            try await socket.send(opcode: 1, Array("h\u{e9}".utf8))
            #expect(try await socket.frame() == .init(opcode: 1, text: "h\u{e9}"))
            try await socket.send(opcode: 2, [0, 255])
            #expect(try await socket.frame() == .init(opcode: 2, bytes: [0, 255]))
            try await socket.send(opcode: 1, Array("ab".utf8), isFinal: false)
            try await socket.send(opcode: 9, [7])
            #expect(try await socket.frame() == .init(opcode: 10, bytes: [7]))
            try await socket.send(opcode: 0, Array("cd".utf8))
            #expect(try await socket.frame() == .init(opcode: 1, text: "abcd"))
            try await socket.send(opcode: 8, [3, 232])
            #expect(try await socket.frame() == .init(opcode: 8, bytes: [3, 232]))
            #expect(try await socket.isAtEnd())
        }
    }

    @Test func `the server's end is said with a close frame`() async throws {
        try await HTTPFixture.run { door in
            let socket = try await RawSocket.open(door, token: try await door.token(door.joinGrant))
            _ = try await socket.frame()
            try await socket.send(opcode: 1, Array("bye".utf8))
            #expect(try await socket.frame() == .init(opcode: 8, bytes: [3, 232]))
            try await socket.send(opcode: 8, [3, 232])
            #expect(try await socket.isAtEnd())
        }
    }

    @Test func `a close that stands behind unread messages ends the connection at once`() async throws {
        var limits = HTTPLimits()
        limits.webSocket.close = .seconds(60)
        try await HTTPFixture.run(limits: limits) { door in
            let socket = try await RawSocket.open(door, token: try await door.token(door.joinGrant))
            _ = try await socket.frame()
            let start = ContinuousClock.now
            try await socket.send(opcode: 1, Array("bye".utf8))
            // More than the server takes in one go.
            for _ in 0..<20 { try await socket.send(opcode: 2, Array(repeating: 0, count: 60_000)) }
            #expect(try await socket.frame() == .init(opcode: 8, bytes: [3, 232]))
            try await socket.send(opcode: 8, [3, 232])
            #expect(try await socket.isAtEnd())
            #expect(ContinuousClock.now - start < .seconds(30), "it waited for the close timer")
        }
    }

    @Test func `a peer that ends without a close behind unread messages is let go at once`() async throws {
        var limits = HTTPLimits()
        limits.webSocket.close = .seconds(60)
        try await HTTPFixture.run(limits: limits) { door in
            let start = ContinuousClock.now
            let socket = try await RawSocket.open(door, token: try await door.token(door.joinGrant))
            _ = try await socket.frame()
            try await socket.send(opcode: 1, Array("bye".utf8))
            for _ in 0..<20 { try await socket.send(opcode: 2, Array(repeating: 0, count: 60_000)) }
            try await socket.closeOutput()
            #expect(try await socket.frame() == .init(opcode: 8, bytes: [3, 232]))
            #expect(try await socket.isAtEnd())
            #expect(ContinuousClock.now - start < .seconds(30), "it waited for the close timer")
        }
    }

    @Test func `the rest of what cannot be decoded is taken, and answered with the end`() async throws {
        var limits = HTTPLimits()
        limits.webSocket.message = 1000
        limits.webSocket.close = .seconds(60)
        try await HTTPFixture.run(limits: limits) { door in
            let start = ContinuousClock.now
            let socket = try await RawSocket.open(door, token: try await door.token(door.joinGrant))
            _ = try await socket.frame()
            // A server that closed at the first of them would reset the connection under the others.
            for _ in 0..<40 { try await socket.send(opcode: 2, Array(repeating: 0, count: 60_000)) }
            #expect(try await socket.frame() == .init(opcode: 8, bytes: [3, 241]))
            #expect(try await socket.isAtEnd())
            try await socket.closeOutput()
            #expect(ContinuousClock.now - start < .seconds(30), "it waited for the close timer")
        }
    }

    @Test func `what the protocol forbids is named in the close`() async throws {
        var limits = HTTPLimits()
        limits.webSocket.message = 1000
        try await HTTPFixture.run(limits: limits) { door in
            let token = try await door.token(door.joinGrant)
            let cases: [(opcode: UInt8, bytes: [UInt8], isMasked: Bool, code: UInt16)] = [
                (1, [0xFF, 0xFE], true, 1007),
                (1, Array("x".utf8), false, 1002),
                (0, Array("x".utf8), true, 1002),
                (2, Array(repeating: 0, count: 1500), true, 1009),
            ]
            for (opcode, bytes, isMasked, code) in cases {
                let socket = try await RawSocket.open(door, token: token)
                _ = try await socket.frame()
                try await socket.send(opcode: opcode, bytes, isMasked: isMasked)
                #expect(
                    try await socket.frame() == .init(opcode: 8, bytes: [UInt8(code >> 8), UInt8(code & 255)]),
                    "\(code)")
            }
        }
    }

    @Test func `a refused upgrade is answered with its reason`() async throws {
        try await HTTPFixture.run { door in
            let (socket, head) = try await RawSocket.handshake(door, token: "nonsense")
            #expect(head.hasPrefix("HTTP/1.1 401"))
            #expect(try await socket.rest().contains("access token"))
        }
    }

    /// LiveKit's Rust SDK, and those made of it, take this status alone for a server that has only `/rtc`.
    @Test func `an upgrade at the address of the one-connection protocol finds nothing, whatever the token`()
        async throws
    {
        try await HTTPFixture.run { door in
            for token in ["nonsense", try await door.token(door.joinGrant)] {
                let (_, head) = try await RawSocket.handshake(door, path: "/rtc/v1", token: token)
                #expect(head.hasPrefix("HTTP/1.1 404"))
            }
        }
    }

    @Test func `at shutdown the peer hears that the server goes away`() async throws {
        try await HTTPFixture.run { door in
            // Left open: the fixture's shutdown must end it and return.
            let socket = try await RawSocket.open(door, token: try await door.token(door.joinGrant))
            _ = try await socket.frame()
        }
    }
}
