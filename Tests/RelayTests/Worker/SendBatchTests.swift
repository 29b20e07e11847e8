import Media
import Testing

@testable import Relay

@Suite struct SendBatchTests {
    private let socket = LoopbackSocket()
    private let first = LoopbackSocket()
    private let second = LoopbackSocket()

    /// Commits packets of these lengths, each filled with its own number, and sends them.
    private func send(_ packets: [(length: Int, to: TransportAddress)], counting counters: inout WorkerCounters) {
        var batch = SendBatch(descriptor: socket.descriptor)
        for (number, packet) in packets.enumerated() {
            batch.nextSlot.initializeMemory(as: UInt8.self, repeating: UInt8(number), count: packet.length)
            batch.commit(length: packet.length, to: packet.to, arrival: nil)
        }
        batch.flush(counting: &counters)
        let isEmpty = batch.isEmpty
        #expect(isEmpty)
    }

    /// The number and length of each datagram that came, which must be whole.
    private func received(_ socket: LoopbackSocket) -> [[Int]] {
        var packets: [[Int]] = []
        while let (start, length, _) = socket.receive() {
            let bytes = UnsafeRawBufferPointer(start: start, count: length)
            #expect(bytes.allSatisfy { $0 == bytes[0] })
            packets.append([Int(bytes[0]), length])
        }
        return packets
    }

    @Test(arguments: [
        [1000], [1000, 1000, 1000], [1000, 1000, 400], [1000, 400, 400, 1000], [400, 1000, 1000], [1, 1, 1, 2],
        Array(repeating: 1200, count: 64), (1...64).map { $0 * 20 }, (1...64).map { 1300 - $0 * 20 },
    ])
    func `packets to one address arrive one by one, whole and in order, however they go together`(
        lengths: [Int]
    ) {
        var counters = WorkerCounters()
        send(lengths.map { (length: $0, to: first.address) }, counting: &counters)
        #expect(received(first) == lengths.enumerated().map { [$0, $1] })
        #expect(counters.packetsOut == UInt64(lengths.count))
        #expect(counters.bytesOut == UInt64(lengths.reduce(0, +)))
    }

    @Test func `packets to several addresses never mix`() {
        var counters = WorkerCounters()
        var packets: [(length: Int, to: TransportAddress)] = []
        for number in 0..<60 {
            let receiver = number / 3 % 2 == 0 ? first : second
            packets.append((500 + number / 7 % 2, receiver.address))
        }
        send(packets, counting: &counters)
        for receiver in [first, second] {
            var expected: [[Int]] = []
            for (number, packet) in packets.enumerated() where packet.to == receiver.address {
                expected.append([number, packet.length])
            }
            #expect(received(receiver) == expected)
        }
        #expect(counters.packetsOut == 60)
    }

    @Test func `an address that nothing can be sent to costs the others nothing`() {
        var counters = WorkerCounters()
        // A broadcast, which the socket was not allowed.
        let nowhere = TransportAddress(ipv4: (255, 255, 255, 255), port: 9)
        let order = [first.address, first.address, nowhere, nowhere, nowhere, second.address, nowhere, first.address]
        send(order.map { (length: 700, to: $0) }, counting: &counters)
        #expect(received(first) == [[0, 700], [1, 700], [7, 700]])
        #expect(received(second) == [[5, 700]])
        #expect(counters[.sendFailed] == 4)
        #expect(counters.packetsOut == 4)
    }
}
