import Foundation

@testable import GoLive

extension JSONValue {
    init(text: String) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}
