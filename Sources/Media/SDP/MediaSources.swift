/// The stream and track that a section's media belongs to (RFC 8830).
package struct MSID: Equatable, Sendable {
    /// As written; "-" where the track is in no stream.
    package var stream: String
    package var track: String?

    package init(stream: String, track: String?) {
        self.stream = stream
        self.track = track
    }

    init?(parsing text: Substring) {
        let fields = text.fields()
        guard let stream = fields.first else { return nil }
        self.init(stream: String(stream), track: fields.dropFirst().first.map { String($0) })
    }

    /// Without the braces that Firefox puts around it; nil for a track in no stream.
    package var streamID: String? { stream == "-" ? nil : Self.withoutBraces(stream) }
    /// Without the braces that Firefox puts around it.
    package var trackID: String? { track.map(Self.withoutBraces) }

    private static func withoutBraces(_ id: String) -> String {
        id.utf8.count > 2 && id.utf8.first == UInt8(ascii: "{") && id.utf8.last == UInt8(ascii: "}")
            ? String(decoding: id.utf8.dropFirst().dropLast(), as: UTF8.self) : id
    }
}

/// An encoding of a simulcast track (RFC 8851).
package struct RID: Equatable, Sendable {
    package enum Direction: String, Sendable {
        case send, recv

        package var reversed: Direction { self == .send ? .recv : .send }
    }

    package var id: String
    package var direction: Direction
    /// Payload types and limits as written: "pt=97;max-width=1280".
    package var restrictions: String?

    package init(id: String, direction: Direction, restrictions: String? = nil) {
        self.id = id
        self.direction = direction
        self.restrictions = restrictions
    }
}

/// "a=simulcast" (RFC 8853).
package struct Simulcast: Equatable, Sendable {
    package struct Choice: Equatable, Sendable {
        package var rid: String
        /// Offered, but not sent for now ("~").
        package var isPaused: Bool

        package init(rid: String, isPaused: Bool = false) {
            self.rid = rid
            self.isPaused = isPaused
        }
    }

    /// One layer: alternatives, the preferred first.
    package typealias Layer = [Choice]

    package var send: [Layer]
    package var recv: [Layer]

    package init(send: [Layer] = [], recv: [Layer] = []) {
        self.send = send
        self.recv = recv
    }

    /// One layer a rid, none of them paused.
    package init(sendRIDs: [String], recvRIDs: [String] = []) {
        send = sendRIDs.map { [Choice(rid: $0)] }
        recv = recvRIDs.map { [Choice(rid: $0)] }
    }

    /// The preferred rid of each layer that is sent, in the order written, which promises nothing about size.
    package var sendRIDs: [String] { send.compactMap(\.first?.rid) }
    /// The preferred rid of each layer that is received.
    package var recvRIDs: [String] { recv.compactMap(\.first?.rid) }
}

/// One "a=ssrc" line (RFC 5576 §4.1).
package struct SSRCAttribute: Equatable, Sendable {
    package var ssrc: UInt32
    package var attribute: String
    package var value: String?

    package init(ssrc: UInt32, attribute: String, value: String?) {
        self.ssrc = ssrc
        self.attribute = attribute
        self.value = value
    }
}

/// "a=ssrc-group" (RFC 5576 §4.2): "FID" is a source and its retransmission, "SIM" the layers of a simulcast.
package struct SSRCGroup: Equatable, Sendable {
    package var semantics: String
    package var ssrcs: [UInt32]

    package init(semantics: String, ssrcs: [UInt32]) {
        self.semantics = semantics
        self.ssrcs = ssrcs
    }
}
