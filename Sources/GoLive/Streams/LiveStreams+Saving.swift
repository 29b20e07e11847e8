import Logging

/// The store follows what is true here. One write a host at a time, each with all that the store lacks: however many
/// fail, the next that succeeds makes both the same.
extension LiveStreams {
    /// - Throws: when the store did not take it. It is then kept for the next time.
    func save(_ hostID: String) async throws {
        try await turns.take(.saving(hostID)) { try await self.writeUnsaved(of: hostID) }
    }

    private func writeUnsaved(of hostID: String) async throws {
        guard let place = places[hostID], let record = place.unsaved else { return }
        do {
            try await store.write { try $0.save(record) }
        } catch SQLError.foreignKey {
            logger.notice("a live stream's user is gone", metadata: ["user": "\(hostID)"])
        }
        change(hostID) { current in
            current.saved(record, version: place.version)
            return []
        }
    }
}
