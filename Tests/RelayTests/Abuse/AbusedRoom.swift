import Media
import Testing

@testable import Relay

/// A room with a creator and two viewers who behave, and someone who does not. After the abuse the others must have had
/// every packet, and still be there, and the workers must have no more to do than before.
struct AbusedRoom {
    let bench: RelayBench
    let creator: TestPeer
    let viewers: [TestPeer]
    let abuser: TestPeer
    let video: TrackID
    let audio: TrackID
    private let workers: WorkerTime

    var relay: TransportAddress { TransportAddress(ipv4: (127, 0, 0, 1), port: UInt16(bench.relay.udpPort)) }

    static func with(pictureSize: Int = 40, _ body: (AbusedRoom) async throws -> Void) async throws {
        let others = WorkerTime.threads()
        try await withRelay(workers: 2) { bench in
            let creator = try await bench.join("creator")
            let viewers = [try await bench.join("first"), try await bench.join("second")]
            let abuser = try await bench.join("abuser")
            let video = try await creator.publish(.video)
            creator.change(video) { $0.pictureSize = pictureSize }
            let audio = try await creator.publish(.audio)
            let room = AbusedRoom(
                bench: bench, creator: creator, viewers: viewers, abuser: abuser, video: video, audio: audio,
                workers: WorkerTime(without: others))
            for viewer in viewers + [abuser] {
                try await eventually("media") {
                    viewer.packets(of: video).count >= 10 && viewer.packets(of: audio).count >= 10
                }
            }
            let quiet = try await room.cost()
            try await body(room)
            try await room.expectUndisturbed()
            try await eventually("the workers have no more to do than before") {
                try await room.cost() <= 4 * quiet
            }
        }
    }

    /// Nanoseconds of processor time that a packet takes the workers, timers and all.
    private func cost() async throws -> Double {
        func packets() async -> UInt64 {
            let metrics = await bench.relay.metrics()
            return metrics.packetsIn + metrics.packetsOut
        }
        let count = viewers[0].packets(of: video).count
        let (time, before) = (workers.nanoseconds, await packets())
        try await eventually("media goes on") { viewers[0].packets(of: video).count >= count + 15 }
        return Double(workers.nanoseconds - time) / Double(await packets() - before)
    }

    /// Media still flows to the others, without a gap from the first packet on, and nobody was put out.
    private func expectUndisturbed() async throws {
        for viewer in viewers {
            for track in [video, audio] {
                let count = viewer.packets(of: track).count
                try await eventually("media goes on") { viewer.packets(of: track).count >= count + 20 }
                // What was lost on the way to the relay may still be on its way back.
                try await eventually("there is no gap") {
                    let numbers = viewer.packets(of: track).map(\.sequence)
                    var unwrapper = SequenceUnwrapper()
                    let sorted = Set(numbers.map { unwrapper.unwrap($0) }).sorted()
                    return sorted.count == numbers.count && sorted.last! - sorted.first! == Int64(sorted.count) - 1
                }
            }
        }
        for peer in viewers + [creator] { #expect(peer.leaveReason == nil) }
        #expect(creator.isPublisherConnected)
    }

    /// Sends in bursts that leave room in the socket's buffer for others.
    func flood(_ count: Int, _ send: (Int) -> Void) async throws {
        for index in 0..<count {
            send(index)
            if index % 32 == 31 { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// A connectivity check for one of the abuser's own sessions, or for one that does not exist.
    func check(ufrag: String, password: String) -> [UInt8] {
        var random = SystemRandom()
        var request = STUNMessage(.request, transactionID: .random(using: &random))
        request.username = "\(ufrag):\(abuser.look { $0.subscriber.credentials.ufrag })"
        request.priority = 1
        request.iceControlling = 1
        return request.serialize(integrityPassword: password)
    }

    func clientHello() -> [[UInt8]] {
        let client = DTLSSession(
            role: .client, certificate: PeerTransport.certificate,
            peerFingerprint: PeerTransport.certificate.fingerprint, now: Clock.now())
        return client.start(now: Clock.now()).datagrams
    }
}
