import Testing

@testable import Media

@Suite struct `Datagram kind` {
    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func `the first byte tells the protocol`(first: UInt8) {
        let datagram = [first, 96] + [UInt8](repeating: 0, count: 30)
        let kind = DatagramKind.classify(datagram)
        switch first {
        case 0...3: #expect(kind == .stun)
        case 20...63: #expect(kind == .dtls)
        case 128...191: #expect(kind == .rtp)
        default: #expect(kind == .unknown)
        }
    }

    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func `the second byte tells RTCP from RTP`(second: UInt8) {
        let datagram = [0x80, second] + [UInt8](repeating: 0, count: 30)
        #expect(DatagramKind.classify(datagram) == (192...223 ~= second ? .rtcp : .rtp))
    }

    @Test(arguments: [(0, 0, 20), (22, 0, 13), (0x80, 96, 12), (0x80, 200, 8)] as [(UInt8, UInt8, Int)])
    func `less than a fixed header is nothing`(first: UInt8, second: UInt8, header: Int) {
        let datagram = [first, second] + [UInt8](repeating: 0, count: 30)
        for count in 0..<32 {
            let cut = Array(datagram.prefix(count))
            #expect((DatagramKind.classify(cut) == .unknown) == (count < header))
        }
    }
}
