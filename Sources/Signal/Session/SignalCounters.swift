import Synchronization

/// What signalling has counted since it started, for operators; written from every connection.
package final class SignalCounters: Sendable {
    package enum Count: Int, CaseIterable, Sendable {
        /// Signalling messages that could not be read, or that ask what is not known here.
        case malformedRequests
        /// Connections closed for sending too much, or too much that cannot be read.
        case misbehavedClients
        /// Connections closed because the client did not read.
        case slowReaders
        /// Connections closed because the client was silent.
        case silentClients
        /// Data messages that could not be read, or were too large.
        case malformedData
        /// Data messages that nobody may send, or not this participant.
        case refusedData
        /// Data messages that the relay did not take, or that found too many waiting before them.
        case undeliveredData
    }

    private let malformedRequests = Atomic<Int>(0)
    private let misbehavedClients = Atomic<Int>(0)
    private let slowReaders = Atomic<Int>(0)
    private let silentClients = Atomic<Int>(0)
    private let malformedData = Atomic<Int>(0)
    private let refusedData = Atomic<Int>(0)
    private let undeliveredData = Atomic<Int>(0)

    package init() {}

    package func add(_ count: Count) {
        switch count {
        case .malformedRequests: malformedRequests.add(1, ordering: .relaxed)
        case .misbehavedClients: misbehavedClients.add(1, ordering: .relaxed)
        case .slowReaders: slowReaders.add(1, ordering: .relaxed)
        case .silentClients: silentClients.add(1, ordering: .relaxed)
        case .malformedData: malformedData.add(1, ordering: .relaxed)
        case .refusedData: refusedData.add(1, ordering: .relaxed)
        case .undeliveredData: undeliveredData.add(1, ordering: .relaxed)
        }
    }

    package subscript(count: Count) -> Int {
        switch count {
        case .malformedRequests: malformedRequests.load(ordering: .relaxed)
        case .misbehavedClients: misbehavedClients.load(ordering: .relaxed)
        case .slowReaders: slowReaders.load(ordering: .relaxed)
        case .silentClients: silentClients.load(ordering: .relaxed)
        case .malformedData: malformedData.load(ordering: .relaxed)
        case .refusedData: refusedData.load(ordering: .relaxed)
        case .undeliveredData: undeliveredData.load(ordering: .relaxed)
        }
    }
}
