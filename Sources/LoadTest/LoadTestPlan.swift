/// What a load test is to do.
package struct LoadTestPlan: Sendable {
    package var server: ServerAddress
    package var publishers = 1
    package var viewers = 10
    /// How long the viewers watch after the last one began to join.
    package var duration = Duration.seconds(20)
    /// The time over which the viewers begin to join, evenly.
    package var ramp = Duration.seconds(5)
    /// How long one participant may take to join and connect.
    package var patience = Duration.seconds(15)
    package var video = VideoProfile.standard
    /// Share of the media packets that reach a viewer and that it throws away unseen, 0…1.
    package var loss = 0.0
    /// How many of the viewers are on a bad line: those who join last.
    package var badViewers = 0
    package var badLine = LineQuality(loss: 0.1, bitrate: 300_000)
    /// Viewers whose pictures are decoded and whose time codes are read; the others only verify that frames are whole.
    package var decoders = 1
    /// Threads that receive; a publisher has one of its own besides.
    package var threads = 1
    /// The server's process, when it runs here: its processor time and memory are then reported.
    package var serverProcess: Int?

    package init(server: ServerAddress) {
        self.server = server
    }

    /// The line of a viewer; nil for one that carries everything.
    func line(ofViewer number: Int) -> LineQuality? {
        number >= viewers - badViewers ? badLine : nil
    }
}

/// Who a token is to be made for.
package enum LoadTestRole: Sendable {
    case publisher(Int)
    case viewer(Int)

    package var identity: String {
        switch self {
        case .publisher(let number): "load-publisher-\(number)"
        case .viewer(let number): "load-viewer-\(number)"
        }
    }
}

/// What a synthetic camera sends.
package struct VideoProfile: Sendable, Equatable {
    package struct Layer: Sendable, Equatable {
        package var rid: String
        package var width: Int
        package var height: Int
        /// Bits a second.
        package var bitrate: Int
    }

    /// Sizes that one track may have.
    package static let maximumLayers = 3

    /// Low to high; one layer is sent without simulcast.
    package var layers: [Layer]
    package var framesPerSecond = 30

    package static let standard = VideoProfile(named: "720p")!

    /// `180p`, `360p`, `720p` or `1080p`, and the sizes below it: so many layers together, 1...3, or as many as there are.
    package init?(named name: String, layers count: Int = 1) {
        let ladder = [
            ("180p", 320, 180, 150_000), ("360p", 640, 360, 500_000), ("720p", 1280, 720, 2_000_000),
            ("1080p", 1920, 1080, 4_000_000),
        ]
        guard let top = ladder.firstIndex(where: { $0.0 == name }), 1...Self.maximumLayers ~= count else { return nil }
        let chosen = ladder[max(0, top + 1 - count)...top]
        let rids = ["q", "h", "f"].prefix(chosen.count)
        layers = zip(rids, chosen).map { rid, step in
            Layer(rid: chosen.count == 1 ? "" : rid, width: step.1, height: step.2, bitrate: step.3)
        }
    }

    var isSimulcast: Bool { layers.count > 1 }
    var top: Layer { layers[layers.count - 1] }
}
