import Testing

@testable import Media

extension SRTP {
    @Suite struct `Sealing as libsrtp does` {
        /// Headers with and without contributing sources and an extension, three sources in turns, sizes from none to the most.
        private func packet(_ step: Int, sequence: UInt16, using generator: inout DTLSTestGenerator) -> [UInt8] {
            let sources = step % 5 == 0 ? step % 16 : 0
            let words = step % 3 == 0 ? step % 7 : nil
            var packet = rtpPacket(ssrc: UInt32(step % 3) &* 0x1234_5678, sequence: sequence, payload: [])
            packet[0] |= UInt8(sources) | (words == nil ? 0 : 0x10)
            packet += [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: 4 * sources)
            if let words { packet += [0xbe, 0xde, 0, UInt8(words)] + [UInt8](repeating: 0x31, count: 4 * words) }
            let room = SRTPSealer.maximumLength - packet.count
            let size = step % 50 == 0 ? room : step * 37 % (room + 1)
            return packet + (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }

        @Test(arguments: SRTPProfile.allCases, SealingEngine.available)
        func `every packet is the same, over two rollovers and whatever comes late`(
            profile: SRTPProfile, engine: SealingEngine
        ) throws {
            var generator = DTLSTestGenerator(11)
            let key = (0..<profile.keyLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let salt = (0..<profile.saltLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let sealer = try SRTPSealer(profile: profile, key: key, salt: salt, engine: engine)
            let oracle = try LibSRTP(profile, .sealing, key: key, salt: salt)
            var number = 40_000
            for step in 0..<2400 {
                // In great strides, so that each of the three sources goes round twice.
                number += step % 60 == 59 ? 4000 : 1
                // Some come late, also from before a rollover.
                let late = step % 7 == 6 ? step % 900 : 0
                let packet = packet(
                    step, sequence: UInt16(truncatingIfNeeded: number - late), using: &generator)
                let sealed = try sealer.sealed(.rtp, packet)
                #expect(sealed == oracle.sealed(.rtp, packet), "packet \(step)")
                if step % 10 == 0 {
                    let report = rtcpPacket(ssrc: UInt32(step % 3) &* 0x1234_5678) + packet.prefix(step % 200 / 4 * 4)
                    #expect(try sealer.sealed(.rtcp, report) == oracle.sealed(.rtcp, report), "report \(step)")
                }
            }
            #expect(number > 3 << 16)
        }

        @Test(arguments: SRTPProfile.allCases)
        func `a number from before the first is not taken for one of a rollover`(profile: SRTPProfile) throws {
            let key = [UInt8](repeating: 3, count: profile.keyLength)
            let salt = [UInt8](repeating: 4, count: profile.saltLength)
            for first in [0, 1, 900, 0x7fff] as [UInt16] {
                let sealer = try SRTPSealer(profile: profile, key: key, salt: salt)
                let oracle = try LibSRTP(profile, .sealing, key: key, salt: salt)
                for sequence in [first, first + 1, first - min(first, 900), first + 2] {
                    let packet = rtpPacket(ssrc: 9, sequence: sequence)
                    #expect(try sealer.sealed(.rtp, packet) == oracle.sealed(.rtp, packet), "\(first), \(sequence)")
                }
            }
        }
    }
}
