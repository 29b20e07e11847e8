import Media
import Testing

@testable import Relay

extension TestPeer {
    /// The signalling connection breaks.
    func loseSignalling(_ window: ResumeWindow?) async {
        await relay.signalEnded(id, link: look { $0.link }, reason: .signalClosed, window: window)
    }

    /// A new signalling connection; events before it are forgotten.
    @discardableResult
    func resume(room: String = "room") async throws -> Resumed {
        look { $0.events = [] }
        let resumed = try await relay.resume(id, identity: identity, room: room)
        listen(to: resumed.events, link: resumed.link)
        return resumed
    }
}

extension ResumeWindow {
    /// Too long to end in a test.
    static let patient = ResumeWindow(longest: .seconds(3600), silence: .seconds(3600))

    init(longest: Duration, silence: Duration) {
        self.init()
        self.longest = longest
        self.silence = silence
    }
}
