import Foundation
import Media

/// How one of the two connections to a server comes about: from its description, which may have no candidates yet, and
/// from those that are told later (trickle, RFC 8838).
struct ServerWay {
    private var end: ServerEnd?
    private var isOpen = false
    private var early: [ICECandidate] = []
    /// Candidates that may come before the description.
    private static let maximumEarly = 16

    /// Takes a description. Returns, once, what is to be connected to.
    mutating func learn(_ end: ServerEnd) -> ServerEnd? {
        self.end = end
        self.end?.candidates += early
        return open()
    }

    mutating func learn(_ candidate: ICECandidate) -> ServerEnd? {
        guard candidate.transport == .udp else { return nil }
        if end == nil {
            if early.count < Self.maximumEarly { early.append(candidate) }
            return nil
        }
        end?.candidates.append(candidate)
        return open()
    }

    private mutating func open() -> ServerEnd? {
        guard !isOpen, let end, !end.candidates.isEmpty else { return nil }
        isOpen = true
        return end
    }
}

/// A browser's RTCIceCandidateInit, in which signalling carries candidates.
struct TrickledCandidate {
    /// nil for the word that there are no more.
    var candidate: ICECandidate?

    private struct Wire: Decodable {
        var candidate: String
    }

    init?(json: String) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(json.utf8)) else { return nil }
        candidate = try? ICECandidate(parsing: wire.candidate)
    }
}
