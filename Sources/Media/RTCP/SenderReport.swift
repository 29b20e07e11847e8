/// SR: how far a sender has got, with its two clocks side by side (RFC 3550 §6.4.1). At most 31 report blocks; a
/// profile-specific extension behind them is ignored.
package struct SenderReport: Sendable, Equatable {
    package var ssrc: UInt32
    /// `NTPTime.rawValue` of the moment of sending.
    package var ntp: UInt64
    /// The same moment in the stream's clock.
    package var rtpTimestamp: UInt32
    package var packetCount: UInt32
    /// Payload bytes only.
    package var octetCount: UInt32
    package var reports: [ReportBlock]

    package var ntpTime: NTPTime { NTPTime(rawValue: ntp) }

    package init(
        ssrc: UInt32, ntp: UInt64, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32,
        reports: [ReportBlock] = []
    ) {
        self.ssrc = ssrc
        self.ntp = ntp
        self.rtpTimestamp = rtpTimestamp
        self.packetCount = packetCount
        self.octetCount = octetCount
        self.reports = reports
    }

    init(parsing body: RawSpan, count: Int) throws(ParseError) {
        var reader = ByteReader(body)
        ssrc = try reader.uint32()
        ntp = try reader.uint64()
        rtpTimestamp = try reader.uint32()
        packetCount = try reader.uint32()
        octetCount = try reader.uint32()
        reports = []
        for _ in 0..<count { reports.append(try ReportBlock(from: &reader)) }
    }

    package func serialize(into writer: inout ByteWriter) {
        let reports = reports.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(.senderReport, count: reports.count) { writer in
            writer.write(ssrc)
            writer.write(ntp)
            writer.write(rtpTimestamp)
            writer.write(packetCount)
            writer.write(octetCount)
            for report in reports { report.serialize(into: &writer) }
        }
    }
}
