import Relay

/// The server's counts in Prometheus' text format (version 0.0.4).
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var body = ""

    init(relay: RelayMetrics, http: HTTPCounters.Reading, signals: SignalCounters, webhooks: [Webhooks.Counts]) {
        gauge("golive_rooms", "Rooms that are open.", relay.rooms)
        gauge("golive_participants", "Participants in all rooms.", relay.participants)
        gauge("golive_publications", "Tracks being published.", relay.publications)
        gauge("golive_subscriptions", "Tracks being sent to viewers.", relay.subscriptions)
        gauge("golive_tcp_media_connections", "Media connections over TCP that are open.", relay.tcpConnections)
        counter("golive_packets_received_total", "Media packets received.", relay.packetsIn)
        counter("golive_packets_sent_total", "Media packets sent.", relay.packetsOut)
        counter("golive_bytes_received_total", "Bytes of media packets received.", relay.bytesIn)
        counter("golive_bytes_sent_total", "Bytes of media packets sent.", relay.bytesOut)
        counter("golive_nacks_received_total", "Packets that viewers asked for again.", relay.nacksReceived)
        counter("golive_nacks_sent_total", "Packets that publishers were asked for again.", relay.nacksSent)
        counter("golive_plis_received_total", "Keyframes that viewers asked for.", relay.plisReceived)
        counter("golive_plis_sent_total", "Keyframes that publishers were asked for.", relay.plisSent)
        counter("golive_retransmissions_total", "Packets sent again.", relay.retransmissions)
        counter(
            "golive_cached_starts_total", "Times a viewer was started from a keyframe that was there already.",
            relay.cachedStarts)
        counter(
            "golive_replayed_packets_total", "Packets sent to bring viewers to what is live.", relay.replayedPackets)
        counter(
            "golive_skipped_packets_total", "Packets passed over because the server could not forward them in time.",
            relay.skippedPackets)
        counter("golive_probes_total", "Packets of padding to find out what lines carry.", relay.probes)
        gauge("golive_paused_tracks", "Tracks that viewers' lines have no room for.", relay.pausedTracks)
        gauge("golive_constrained_viewers", "Viewers whose line carries less than they want.", relay.constrainedViewers)
        gauge("golive_known_lines", "Viewers whose line has shown what it carries.", relay.knownLines)
        gauge("golive_known_bandwidth_bits", "What those lines carry together, a second.", relay.knownBandwidth)
        family("golive_drops_total", "counter", "Datagrams and packets that were dropped, by reason.")
        for drop in relay.drops { sample("golive_drops_total", [("reason", drop.reason)], "\(drop.count)") }
        histogram("golive_join_seconds", "From joining to the first media connection.", relay.joinSeconds)
        histogram(
            "golive_forwarding_seconds", "From the kernel's receive time to after the send call.",
            relay.forwardingSeconds)

        gauge("golive_http_connections", "Open connections to the HTTP port.", http.connectionsNow)
        counter("golive_http_connections_total", "Connections to the HTTP port.", http.connectionsEver)
        gauge("golive_websockets", "Open signalling connections.", http.webSocketsNow)
        counter("golive_websockets_total", "Signalling connections.", http.webSocketsEver)
        family("golive_http_answers_total", "counter", "HTTP answers, by class of status.")
        for answer in http.answers {
            sample("golive_http_answers_total", [("status", answer.status)], "\(answer.count)")
        }

        family("golive_signal_faults_total", "counter", "What went wrong in signalling and data, by kind.")
        for count in SignalCounters.Count.allCases {
            sample("golive_signal_faults_total", [("kind", "\(count)")], "\(signals[count])")
        }

        family("golive_webhooks_total", "counter", "Webhook events, by receiver and what became of them.")
        // Receivers on one host share its name, and a sample may stand only once.
        for (receiver, counts) in Dictionary(grouping: webhooks, by: \.receiver).sorted(by: { $0.key < $1.key }) {
            for (outcome, value) in [
                ("delivered", \Webhooks.Counts.delivered), ("failed", \.failed), ("dropped", \.dropped),
            ] {
                let labels = [("receiver", receiver), ("outcome", outcome)]
                sample("golive_webhooks_total", labels, "\(counts.reduce(0) { $0 + $1[keyPath: value] })")
            }
        }
    }

    private mutating func family(_ name: String, _ type: String, _ help: String) {
        body += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
        family(name, "gauge", help)
        sample(name, [], "\(value)")
    }

    private mutating func counter(_ name: String, _ help: String, _ value: some BinaryInteger) {
        family(name, "counter", help)
        sample(name, [], "\(value)")
    }

    /// Buckets are cumulative in this format; ours hold each value once.
    private mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        family(name, "histogram", help)
        var total: UInt64 = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            total += count
            sample(name + "_bucket", [("le", "\(bound)")], "\(total)")
        }
        sample(name + "_bucket", [("le", "+Inf")], "\(histogram.count)")
        sample(name + "_sum", [], "\(histogram.sum)")
        sample(name + "_count", [], "\(histogram.count)")
    }

    private mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
        body += name
        if !labels.isEmpty {
            body += "{" + labels.map { #"\#($0.name)="\#(Self.escape($0.value))""# }.joined(separator: ",") + "}"
        }
        body += " " + value + "\n"
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for character in value {
            switch character {
            case "\\": escaped += #"\\"#
            case "\"": escaped += #"\""#
            case "\n": escaped += #"\n"#
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
