extension LoadReport {
    /// For a terminal.
    package var table: String {
        var rows: [(String, String)] = [
            ("viewers connected", "\(connected) of \(viewers)"),
            ("join p50 / p95 / p99", Self.text(join)),
            ("connected", Self.text(connect)),
            ("first packet", Self.text(firstPacket)),
            ("first frame", Self.text(firstFrame)),
            ("latency p50 / p95 / p99 / p99.9", Self.text(latency, withTail: true)),
            ("to the first viewer", Self.text(firstViewer, withTail: true)),
            ("to the last viewer", Self.text(lastViewer, withTail: true)),
            ("camera to packet", Self.text(captureLatency)),
            ("camera to picture", Self.text(pictureLatency)),
            ("packets a second", Self.text(packetsPerSecond, 0)),
            ("bitrate a viewer", Self.text(bitrate / 1000, 0) + " kbit/s"),
            (
                "packets lost",
                "\(lost) of \(expected); \(nacks) asked for, \(retransmissions) came again, \(recovered) recovered"
            ),
            ("frames", "\(frames); \(decoded) decoded"),
            ("freezes", "\(freezes), \(Self.text(frozenSeconds, 1)) s"),
            ("picture heights", good.heightsText),
            ("keyframes asked of the publisher", "\(keyframeRequests)"),
        ]
        if let bad {
            rows += [
                ("viewers on bad lines", "\(bad.connected)"),
                ("their picture heights", bad.heightsText),
                ("their bitrate", Self.text(bad.bitrate / 1000, 0) + " kbit/s"),
                ("their freezes", "\(bad.freezes), \(Self.text(bad.frozenSeconds, 1)) s; the others: \(good.freezes)"),
                ("their latency", Self.text(bad.latency, withTail: true)),
            ]
        }
        let own = ownMemory.map { ", \($0 >> 20) MiB" } ?? ""
        rows.append(("this program", Self.text(ownCores, 2) + " cores" + own))
        if let serverCores, let serverMicrosecondsPerPacket {
            rows.append(
                (
                    "the server",
                    "\(Self.text(serverCores, 2)) cores, \(Self.text(serverMicrosecondsPerPacket, 2)) µs a packet"
                ))
        }
        let growth = serverMemoryBefore.map { "; \($0 >> 20) MiB without viewers" } ?? ""
        if let serverMemory { rows.append(("its memory", "\(serverMemory >> 20) MiB" + growth)) }
        for (reason, count) in failures.sorted(by: { $0.key < $1.key }) {
            rows.append(("failed: \(reason)", "\(count)"))
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }

    private static func text(_ times: Percentiles, withTail: Bool = false) -> String {
        let values = [times.p50, times.p95, times.p99] + (withTail ? [times.p999] : [])
        guard values.contains(where: { $0 != nil }) else { return "–" }
        return values.map { $0.map { text($0, $0 < 10 ? 2 : 0) } ?? "–" }.joined(separator: " / ") + " ms"
    }

    private static func text(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int((value * scale).rounded())
        guard digits > 0 else { return "\(rounded)" }
        let fraction = "\(abs(rounded) % Int(scale))"
        return "\(rounded / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

extension LoadReport.Group {
    /// Highest first.
    fileprivate var heightsText: String {
        heights.sorted { (Int($0.key) ?? 0) > (Int($1.key) ?? 0) }
            .map { $0.key == "0" ? "none: \($0.value)" : "\($0.key)p: \($0.value)" }.joined(separator: ", ")
    }
}
