import Allocations
import Forwarding
import Glibc
import Media
import Reference

/// Times the way of a packet through one worker against a loop in C that only seals and sends, on one thread, by processor
/// time, in turns, and prints the medians with their ratios. `make benchmark`; `Micro ROUNDS VIEWERS…` for less of it.
@main struct Micro {
    /// Bytes of a packet before it is sealed, as it leaves.
    private static let length = Piece.packetLength
    /// What a viewer's copy is longer than the publisher's packet: the transport-wide number.
    private static let added = 8

    static func main() throws {
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 15
        print("Parse, rewrite, seal and send to every viewer: ns of processor time a packet sent, medians of \(rounds)")
        print(
            "rounds in turns. The C loop only seals and sends; with runs, it hands them to the kernel as one message, too.\n"
        )
        print(
            "| viewers | packets at once | C loop | C loop with runs | relay | of the like C loop | heap allocations |")
        print("|---|---|---|---|---|---|---|")
        let counts = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
        var ways: [String] = []
        for viewers in counts.isEmpty ? [1, 50, 200, 1000, 3000] : counts {
            let path = try ForwardingPath(viewers: viewers, packetLength: length - added)
            path.forward(packets: 1, isKeyframe: true)
            path.drain()
            // Until what a viewer remembers has grown to what this needs.
            for _ in 0..<70 {
                path.forward(packets: 8)
                path.drain()
            }
            for burst in [1, 2, 4, 8] { compare(path, viewers: viewers, burst: burst, rounds: rounds) }
            ways.append(Self.ways(path, viewers: viewers, rounds: rounds))
        }
        print("\nThe kernel's part alone, ns: a packet to each viewer, a datagram from each, by how they are handed")
        print("over\n")
        print(
            "| viewers | sent 64 at a time | one by one | over a connected socket each | found the socket "
                + "| among connected ones | received 64 at a time | one by one |")
        print("|---|---|---|---|---|---|---|---|")
        for row in ways { print(row) }
        print("\nSeal alone, ns of a packet of \(length) bytes\n")
        print("| profile | engine | ns |\n|---|---|---|")
        for profile in SRTPProfile.allCases {
            for engine in SealingEngine.available where engine == .openSSL || profile != .aes128CMHMACSHA1_80 {
                let (nanoseconds, _) = try cost(.seal(engine, profile), times: 2000, rounds: rounds)
                print("| \(profile) | \(engine) | \(Int(nanoseconds.rounded())) |")
            }
        }
        print("\nPieces, each once\n")
        print("| piece | ns | heap allocations |\n|---|---|---|")
        let offer = try text("Tests/RelayTests/Fixtures/sdp/chromium156_simulcast_vp8.sdp")
        for piece in try Piece.all(offer: offer) {
            let (nanoseconds, allocations) = try cost(piece, times: 200, rounds: rounds)
            print("| \(piece.name) | \(Int(nanoseconds.rounded())) | \(allocations) |")
        }
    }

    private static func compare(_ path: ForwardingPath, viewers: Int, burst: Int, rounds: Int) {
        let loops = [false, true].map { cuts in
            reference_open(path.descriptor, path.destinations, Int32(viewers), Int32(length), cuts)!
        }
        defer { for loop in loops { reference_close(loop) } }
        // About as many packets for every number of viewers.
        let frames = max(2, 16_000 / viewers / burst)
        var times: [[Double]] = [[], [], []]
        var (allocations, packets): (UInt64, Int) = (0, 0)
        for _ in 0..<rounds {
            for (index, loop) in loops.enumerated() {
                times[index].append(time(frames, draining: path) { Int(reference_send(loop, Int32(burst))) })
            }
            times[2].append(
                time(frames, draining: path) {
                    let (sent, taken) = (path.sent, allocations_of_thread())
                    path.forward(packets: burst)
                    allocations += allocations_of_thread() - taken
                    packets += path.sent - sent
                    return path.sent - sent
                })
        }
        precondition(path.dropped == 0, "nothing may be lost")
        // Something may become warm only now, but nothing is taken again and again.
        precondition(Int(allocations) * 1000 < packets, "the way of a packet takes memory from the heap")
        let medians = times.map(median)
        let ratio = (medians[2] / medians[burst > 1 ? 1 : 0] * 100).rounded() / 100
        let columns = [viewers, burst] + medians.map { Int($0.rounded()) }
        print(
            "| \(columns.map(String.init).joined(separator: " | ")) | \(ratio) | \(Double(allocations) / Double(packets)) |"
        )
    }

    /// A row of the table of ways: medians.
    private static func ways(_ path: ForwardingPath, viewers: Int, rounds: Int) -> String {
        let ways = ways_open(path.descriptor, path.destinations, Int32(viewers), Int32(length + 16))!
        defer { ways_close(ways) }
        let times = max(1, 6000 / viewers)
        func cost(_ body: () -> Int64) -> Int {
            let costs = (0..<rounds).map { _ in
                var total: Int64 = 0
                for _ in 0..<times {
                    let spent = body()
                    precondition(spent >= 0, "nothing may be lost")
                    total += spent
                    ways_drain(ways)
                }
                return Double(total) / Double(times * viewers)
            }
            return Int(median(costs).rounded())
        }
        let alone = [
            cost { ways_send(ways, 64) }, cost { ways_send(ways, 1) }, cost { ways_ask(ways) },
            cost { ways_receive(ways, 64) }, cost { ways_receive(ways, 1) },
        ]
        precondition(ways_connect(ways) == 0, "as many sockets as viewers")
        let connected = [cost { ways_send_connected(ways) }, cost { ways_ask(ways) }]
        let columns = [viewers, alone[0], alone[1], connected[0], alone[2], connected[1], alone[3], alone[4]]
        return "| \(columns.map(String.init).joined(separator: " | ")) |"
    }

    /// Nanoseconds of this thread's processor time for each packet that `body`, called `count` times, says it sent. What the
    /// viewers do with them is not timed.
    private static func time(_ count: Int, draining path: ForwardingPath, _ body: () -> Int) -> Double {
        var (nanoseconds, packets): (Int64, Int) = (0, 0)
        for _ in 0..<count {
            let start = reference_thread_time()
            packets += body()
            nanoseconds += reference_thread_time() - start
            path.drain()
        }
        return Double(nanoseconds) / Double(packets)
    }

    /// Nanoseconds of this thread's processor time, and how often the heap is asked, for doing it once: medians.
    private static func cost(
        _ piece: Piece, times count: Int, rounds: Int
    ) throws -> (nanoseconds: Double, allocations: Double) {
        for _ in 0..<10 { try piece.run() }
        let costs = try (0..<rounds).map { _ in
            let (start, taken) = (reference_thread_time(), allocations_of_thread())
            for _ in 0..<count { try piece.run() }
            return (
                Double(reference_thread_time() - start) / Double(count),
                Double(allocations_of_thread() - taken) / Double(count)
            )
        }
        return (median(costs.map(\.0)), median(costs.map(\.1)))
    }

    /// A file of the repository.
    private static func text(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Missing(path: path) }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// To be run in the repository's folder.
    private struct Missing: Error {
        let path: String
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
