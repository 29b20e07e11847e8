import Media
import Testing

@testable import Relay

@Suite struct ICEPreferenceTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func `what was asked for holds for five minutes, or until something else is`() {
        var preferences = ICEPreferences()
        preferences.note(.tcp, of: "alice", at: at(0))
        preferences.note(.relay, of: "bob", at: at(100))
        #expect(preferences.preference(of: "alice", at: at(299)) == .tcp)
        #expect(preferences.preference(of: "alice", at: at(300)) == .any)
        #expect(preferences.preference(of: "bob", at: at(300)) == .relay)
        #expect(preferences.preference(of: "carol", at: at(300)) == .any)
        preferences.note(.tcp, of: "bob", at: at(300))
        #expect(preferences.preference(of: "bob", at: at(599)) == .tcp)
        preferences.note(.any, of: "bob", at: at(300))
        #expect(preferences.preference(of: "bob", at: at(300)) == .any)
    }

    @Test func `only so many are remembered, the newest`() {
        var preferences = ICEPreferences()
        for index in 0..<1000 { preferences.note(.tcp, of: "guest \(index)", at: at(0)) }
        let remembered = (0..<1000).filter { preferences.preference(of: "guest \($0)", at: at(1)) == .tcp }
        #expect(remembered == Array(1000 - ICEPreferences.capacity..<1000))
    }
}
