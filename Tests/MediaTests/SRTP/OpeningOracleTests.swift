import Testing

@testable import Media

extension SRTP {
    @Suite struct `Opening as libsrtp does` {
        /// One who seals, and two who open, with the same keys.
        private struct Ends {
            let sealer: SRTPSealer
            let opener: SRTPOpener
            let oracle: LibSRTP

            init(_ profile: SRTPProfile, _ engine: SealingEngine, _ generator: inout DTLSTestGenerator) throws {
                let key = (0..<profile.keyLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let salt = (0..<profile.saltLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
                sealer = try SRTPSealer(profile: profile, key: key, salt: salt, engine: engine)
                opener = try SRTPOpener(profile: profile, key: key, salt: salt, engine: engine)
                oracle = try LibSRTP(profile, .opening, key: key, salt: salt)
            }

            func opened(_ kind: SRTPPacket, _ packet: [UInt8]) -> Result<[UInt8], SRTPError> {
                Result { () throws(SRTPError) in try opener.opened(kind, packet) }
            }

            /// Both say the same of a packet: its content, or why there is none.
            func agree(_ kind: SRTPPacket, _ packet: [UInt8], _ what: Comment) {
                #expect(opened(kind, packet) == oracle.opened(kind, packet), what)
            }
        }

        private func packet(_ ssrc: UInt32, _ sequence: UInt16, using generator: inout DTLSTestGenerator) -> [UInt8] {
            var packet = rtpPacket(ssrc: ssrc, sequence: sequence, payload: [])
            if Bool.random(using: &generator) {
                packet[0] |= 0x12
                packet += [UInt8](repeating: 7, count: 8) + [0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0]
            }
            let size = Int.random(in: 0...(Bool.random(using: &generator) ? 40 : 1200), using: &generator)
            return packet + (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }

        @Test(arguments: SRTPProfile.allCases, SealingEngine.available)
        func `the same is opened and refused, over rollovers, out of order and again`(
            profile: SRTPProfile, engine: SealingEngine
        ) throws {
            var generator = DTLSTestGenerator(23)
            let ends = try Ends(profile, engine, &generator)
            var recent: [[UInt8]] = []
            var number = 65_000
            for step in 0..<3000 {
                // In strides up to half of the numbers, at times; three sources in turns.
                number += step % 61 == 60 ? Int.random(in: 1...0x7ff0, using: &generator) : 1
                let packet = packet(
                    UInt32(step % 3), UInt16(truncatingIfNeeded: number / 3), using: &generator)
                recent.append(try ends.sealer.sealed(.rtp, packet))
                // Some are delayed by a few or by very many, some come twice.
                let place = recent.indices.suffix(step % 17 == 0 ? 4000 : 8).randomElement(using: &generator)!
                ends.agree(.rtp, recent[place], "packet \(step)")
                if step % 5 == 0 { ends.agree(.rtp, recent[recent.count - 1], "packet \(step), in order") }
            }
            #expect(number / 3 > 2 << 16)
            #expect(ends.opener.sourceCount == 3)
        }

        @Test(arguments: SRTPProfile.allCases, SealingEngine.available)
        func `reports are opened and refused alike, out of order and again`(
            profile: SRTPProfile, engine: SealingEngine
        ) throws {
            var generator = DTLSTestGenerator(29)
            let ends = try Ends(profile, engine, &generator)
            var recent: [[UInt8]] = []
            for step in 0..<1200 {
                let report = rtcpPacket(ssrc: UInt32(step % 2)) + [UInt8](repeating: 1, count: step % 30 * 4)
                recent.append(try ends.sealer.sealed(.rtcp, report))
                let place = recent.indices.suffix(step % 9 == 0 ? 500 : 6).randomElement(using: &generator)!
                ends.agree(.rtcp, recent[place], "report \(step)")
            }
        }

        @Test(arguments: SRTPProfile.allCases, SealingEngine.available)
        func `whatever is cut or changed is refused by both, and harms nothing that follows`(
            profile: SRTPProfile, engine: SealingEngine
        ) throws {
            var generator = DTLSTestGenerator(31)
            let ends = try Ends(profile, engine, &generator)
            for kind in [SRTPPacket.rtp, .rtcp] {
                for number in 1...3 as ClosedRange<UInt16> {
                    let plain = kind == .rtp ? rtpPacket(ssrc: 9, sequence: number &* 20_000) : rtcpPacket(ssrc: 9)
                    let sealed = try ends.sealer.sealed(kind, plain)
                    for length in 0..<sealed.count {
                        let cut = Array(sealed.prefix(length))
                        #expect(throws: SRTPError.self) { try ends.opener.opened(kind, cut) }
                        #expect(throws: SRTPError.self) { try ends.oracle.opened(kind, cut).get() }
                    }
                    for bit in 0..<8 * sealed.count {
                        var changed = sealed
                        changed[bit / 8] ^= 1 << (bit % 8)
                        #expect(throws: SRTPError.self, "bit \(bit)") { try ends.opener.opened(kind, changed) }
                        #expect(throws: SRTPError.self, "bit \(bit)") { try ends.oracle.opened(kind, changed).get() }
                    }
                    #expect(ends.opened(kind, sealed) == .success(plain))
                    #expect(ends.oracle.opened(kind, sealed) == .success(plain))
                    ends.agree(kind, sealed, "a replay")
                }
            }
        }

        @Test(arguments: SRTPProfile.allCases)
        func `a number half of all numbers away is taken as libsrtp takes it`(profile: SRTPProfile) throws {
            for first in [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff] as [UInt16] {
                for step in [0x7fff, 0x8000, 0x8001] as [UInt16] {
                    var generator = DTLSTestGenerator(37)
                    let ends = try Ends(profile, .fastest, &generator)
                    for number in [first, first &+ step, first &+ step &+ step, first &+ 1] {
                        let packet = rtpPacket(ssrc: 4, sequence: number)
                        ends.agree(.rtp, try ends.sealer.sealed(.rtp, packet), "\(first), \(step), \(number)")
                    }
                }
            }
        }

        @Test(arguments: SRTPProfile.allCases, SealingEngine.available)
        func `a report that is not encrypted is refused, even by one with the keys`(
            profile: SRTPProfile, engine: SealingEngine
        ) throws {
            var generator = DTLSTestGenerator(41)
            let ends = try Ends(profile, engine, &generator)
            var report = try ends.sealer.sealed(.rtcp, rtcpPacket(ssrc: 1))
            report[profile.isAEAD ? report.count - 4 : report.count - 14] &= 0x7f
            #expect(ends.opened(.rtcp, report) == .failure(.malformed))
        }
    }

    // MARK: - The window

    @Test func `a window takes each number once, whatever their order and steps`() {
        var generator = DTLSTestGenerator(43)
        for span in [3, 200, 5000] as [UInt64] {
            var window = ReplayWindow<3>()
            var taken: Set<UInt64> = []
            var highest: UInt64 = 0
            for _ in 0..<4000 {
                let number = highest + UInt64.random(in: 0...2 * span, using: &generator)
                guard number >= span else { continue }
                let isNew = !taken.contains(number - span) && number - span + ReplayWindow<3>.size > highest
                #expect(window.admits(number - span) == isNew)
                guard isNew else { continue }
                window.take(number - span)
                taken.insert(number - span)
                highest = max(highest, number - span)
            }
            #expect(window.highest == highest)
        }
    }
}
