import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Forwarding {
        @Test func `a publisher's audio and video reach a viewer as unbroken streams of the relay's own`() async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let audio = try await publisher.publish(.audio)
                let video = try await publisher.publish(.video)
                try await eventually("media") {
                    viewer.packets(of: audio).count >= 30 && viewer.packets(of: video).count >= 30
                }
                for (track, payloadType) in [(audio, UInt8(111)), (video, 96)] {
                    let packets = viewer.packets(of: track)
                    #expect(packets.allSatisfy { $0.payloadType == payloadType })
                    for (packet, next) in zip(packets, packets.dropFirst()) {
                        #expect(next.sequence == packet.sequence &+ 1)
                    }
                }
                let pictures = viewer.pictures(of: video)
                #expect(pictures.first?.isKeyframe == true)
                for (picture, next) in zip(pictures, pictures.dropFirst()) {
                    #expect(next.number == picture.number + 1)
                    #expect(next.pictureID == (picture.pictureID! + 1) & 0x7FFF)
                }
            }
        }

        @Test func `header extensions get the viewers' identifiers, and the publisher's own ones end at the relay`()
            async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let audio = try await publisher.publish(.audio)
                let video = try await publisher.publish(.video)
                try await eventually("media") {
                    !viewer.packets(of: audio).isEmpty && !viewer.packets(of: video).isEmpty
                }
                // The transport-wide number is the viewer's own connection's, and differs.
                func passedOn(_ track: TrackID) -> [UInt8: [UInt8]] {
                    viewer.packets(of: track)[0].extensions.filter { $0.key != CanonicalExtension.transportWideCC }
                }
                #expect(passedOn(audio) == [CanonicalExtension.audioLevel.rawValue: [0x94]])
                #expect(passedOn(video) == [CanonicalExtension.videoOrientation.rawValue: [1]])
            }
        }

        @Test func `a viewer gets sender reports for what it receives`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let video = try await publisher.publish(.video)
                try await eventually("a sender report") {
                    guard let ssrc = viewer.ssrc(of: video) else { return false }
                    return viewer.look { state in
                        state.subscriber.feedback.contains {
                            if case .senderReport(let report) = $0 { report.ssrc == ssrc } else { false }
                        }
                    }
                }
            }
        }

        @Test func `a packet that the viewer asks for comes once again over its retransmission stream`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let video = try await publisher.publish(.video)
                try await eventually("media") { viewer.packets(of: video).count >= 10 }
                let wanted = viewer.packets(of: video)[5]
                let section = try #require(viewer.section(of: video))
                let rtx = try #require(section.rtxSSRC(for: wanted.ssrc))
                let nack = RTCPPacket.nack(
                    Nack(senderSSRC: 1, mediaSSRC: wanted.ssrc, sequenceNumbers: [wanted.sequence]))
                // Asked for twice in one breath: the second is a repetition.
                viewer.look { $0.subscriber.send(rtcp: [nack, nack]) }
                try await eventually("the retransmission") { !viewer.packets(ssrc: rtx).isEmpty }
                let count = viewer.packets(of: video).count
                try await eventually("more media") { viewer.packets(of: video).count >= count + 5 }
                let resent = viewer.packets(ssrc: rtx)
                #expect(resent.count == 1)
                #expect(resent.first?.payloadType == 97)
                #expect(
                    resent.first?.payload
                        == [UInt8(wanted.sequence >> 8), UInt8(truncatingIfNeeded: wanted.sequence)] + wanted.payload)
            }
        }

        @Test func `what is lost from the publisher is asked for and forwarded where it was missing`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                let viewer = try await bench.join("viewer")
                let video = try await publisher.publish(.video)
                try await eventually("media") { viewer.packets(of: video).count >= 10 }
                publisher.change(video) { $0.packetsToDrop = 2 }
                try await eventually("the loss is noticed") { publisher.look { $0.nacked.count >= 2 } }
                let count = viewer.packets(of: video).count
                try await eventually("more media") { viewer.packets(of: video).count >= count + 10 }
                let lost = publisher.look { $0.tracks[0].encodings[0].dropped }
                #expect(Set(publisher.look { $0.nacked }) == Set(lost))
                let packets = viewer.packets(of: video)
                let first = packets[0].sequence
                let bySequence = packets.sorted { $0.sequence &- first < $1.sequence &- first }
                for (packet, next) in zip(bySequence, bySequence.dropFirst()) {
                    #expect(next.sequence == packet.sequence &+ 1)
                    #expect(next.picture!.number == packet.picture!.number + 1)
                }
            }
        }

        @Test func `the publisher is told which of its packets arrived`() async throws {
            try await withRelay { bench in
                let publisher = try await bench.join("publisher")
                try await publisher.publish(.video)
                try await eventually("transport feedback") {
                    publisher.look { state in
                        let received = state.publisher.feedback.reduce(0) { sum, packet in
                            if case .transportFeedback(let report) = packet { sum + report.received.count } else { sum }
                        }
                        return received >= 20
                    }
                }
                try await eventually("a receiver report") {
                    publisher.look { state in
                        state.publisher.feedback.contains { packet in
                            guard case .receiverReport(let report) = packet else { return false }
                            return report.reports.contains { $0.ssrc == state.tracks[0].encodings[0].ssrc }
                        }
                    }
                }
            }
        }
    }
}
