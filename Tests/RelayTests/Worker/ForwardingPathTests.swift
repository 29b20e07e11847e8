import Allocations
import Forwarding
import Media
import Testing

@Suite struct `The way of a packet` {
    private static let frames = 10
    private static let packets = 8

    /// How often the heap was asked for memory while warm, and how many packets were sent meanwhile.
    private func allocations(viewers: Int, _ profile: SRTPProfile) throws -> (count: Int, sent: Int) {
        let path = try ForwardingPath(viewers: viewers, packetLength: 1000, profile: profile)
        path.forward(packets: Self.packets, isKeyframe: true)
        for _ in 0..<5 { path.forward(packets: Self.packets) }
        path.drain()
        let (sent, taken) = (path.sent, allocations_of_thread())
        for _ in 0..<Self.frames { path.forward(packets: Self.packets) }
        let count = Int(allocations_of_thread() - taken)
        #expect(path.drain() == path.sent - sent)
        #expect(path.dropped == 0)
        return (count, path.sent - sent)
    }

    /// Code that is not optimised asks for some memory as it reads what the publisher sent, and once as it comes to each viewer;
    /// `make benchmark` sees to it that optimised code asks for none.
    @Test(.enabled(if: allocations_are_counted(), "a sanitizer owns the heap"), arguments: SRTPProfile.allCases)
    func `takes nothing from the heap for a viewer's copy`(profile: SRTPProfile) throws {
        let few = try allocations(viewers: 2, profile)
        let many = try allocations(viewers: 22, profile)
        let copies = many.sent - few.sent
        #expect(copies == Self.frames * Self.packets * 20)
        #expect(many.count - few.count < copies / 4)
    }

    @Test(.enabled(if: allocations_are_counted(), "a sanitizer owns the heap"))
    func `would be caught taking something from the heap`() {
        let before = allocations_of_thread()
        let array = [UInt8](repeating: 0, count: 3000)
        #expect(array.count == 3000)
        #expect(allocations_of_thread() > before)
    }
}
