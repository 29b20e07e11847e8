/// RR: how a participant that sends nothing receives others (RFC 3550 §6.4.2). At most 31 report blocks; a
/// profile-specific extension behind them is ignored.
package struct ReceiverReport: Sendable, Equatable {
    /// The reporter.
    package var ssrc: UInt32
    package var reports: [ReportBlock]

    package init(ssrc: UInt32, reports: [ReportBlock] = []) {
        self.ssrc = ssrc
        self.reports = reports
    }

    init(parsing body: RawSpan, count: Int) throws(ParseError) {
        var reader = ByteReader(body)
        ssrc = try reader.uint32()
        reports = []
        for _ in 0..<count { reports.append(try ReportBlock(from: &reader)) }
    }

    package func serialize(into writer: inout ByteWriter) {
        let reports = reports.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(.receiverReport, count: reports.count) { writer in
            writer.write(ssrc)
            for report in reports { report.serialize(into: &writer) }
        }
    }
}
