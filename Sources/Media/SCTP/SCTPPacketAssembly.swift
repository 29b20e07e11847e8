/// Chunks on their way into one packet of limited size.
struct SCTPPacketAssembly {
    private(set) var chunks: [SCTPChunk] = []
    /// Bytes left.
    private(set) var room: Int

    init(mtu: Int) {
        room = mtu - SCTPPacket.headerSize
    }

    /// Answers false, and appends nothing, when the chunk does not fit.
    mutating func append(_ chunk: SCTPChunk) -> Bool {
        let size = chunk.paddedSize
        guard size <= room else { return false }
        room -= size
        chunks.append(chunk)
        return true
    }

    /// For what must be sent whatever its size, alone in its packet if it is large.
    mutating func appendFirst(_ chunk: SCTPChunk) {
        room -= chunk.paddedSize
        chunks.append(chunk)
    }
}
