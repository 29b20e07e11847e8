package import Media

/// Chooses which layer of a track one viewer gets. Layers are numbered from the lowest to the highest.
///
/// The target is the highest live layer that is not above the wanted one, or else the lowest live one above it. The
/// stream moves to it only where one of its keyframes starts; a viewer who has nothing yet begins with the keyframe of any
/// layer not above the wanted one. A layer is live while its packets come.
package struct LayerSelector: Sendable {
    package enum Wanted: Sendable, Equatable {
        /// The viewer turned the track off.
        case nothing
        /// No layer above this one.
        case layer(Int)
        /// The smallest layer that fills this many pixels.
        case size(width: Int, height: Int)
    }

    /// What the viewer's line allows, whatever is wanted.
    package enum Limit: Sendable, Equatable {
        case none
        /// No layer above this one.
        case layer(Int)
        /// The same until the line is known: nothing above this one is begun, but what is asked for is what is wanted.
        case beginning(Int)
        /// There is no room for the track.
        case nothing
    }

    /// Of one layer, as its packets say.
    private struct Flow: BitwiseCopyable, Sendable {
        var lastPacket: Instant?
        var isLive = false
    }

    /// Layers one track has at most.
    package static let maximumLayers = 4
    /// Between two requests for the same keyframe.
    package static let requestInterval = Duration.milliseconds(500)

    package let needsKeyframe: Bool
    /// A layer without packets for this long is dead.
    package let deadAfter: Duration
    package let layerCount: Int
    /// The layer that is being forwarded.
    package private(set) var current: Int?
    /// Where the stream is to go; nil while nothing is wanted or nothing is live.
    package private(set) var target: Int?
    /// The first `layerCount` are there.
    private var flows = InlineArray<4, Flow>(repeating: Flow())
    package private(set) var wanted = Wanted.layer(Self.maximumLayers - 1)
    package private(set) var limit = Limit.none
    private var lastRequest: (layer: Int, at: Instant)?
    /// Pixels of each layer, where known.
    private var sizes: [(width: Int, height: Int)?]

    package init(layerCount: Int, needsKeyframe: Bool, deadAfter: Duration = .seconds(1)) {
        precondition((1...Self.maximumLayers).contains(layerCount))
        self.needsKeyframe = needsKeyframe
        self.deadAfter = deadAfter
        self.layerCount = layerCount
        sizes = Array(repeating: nil, count: layerCount)
    }

    package mutating func want(_ wanted: Wanted) {
        self.wanted = wanted
        settle()
    }

    package mutating func limit(_ limit: Limit) {
        guard limit != self.limit else { return }
        self.limit = limit
        settle()
    }

    /// Nothing is to be sent.
    package var isStopped: Bool { wanted == .nothing || limit == .nothing }

    private mutating func settle() {
        if isStopped {
            current = nil
            lastRequest = nil
        }
        retarget()
    }

    /// The pixels of a layer, for `Wanted.size`.
    package mutating func setSize(of layer: Int, width: Int, height: Int) {
        guard sizes.indices.contains(layer) else { return }
        sizes[layer] = (width, height)
        retarget()
    }

    /// A packet of a layer arrived. On the packet path. True when the layer was not live before.
    @discardableResult
    package mutating func observe(_ layer: Int, arrival: Instant) -> Bool {
        flows[layer].lastPacket = arrival
        guard !flows[layer].isLive else { return false }
        flows[layer].isLive = true
        retarget()
        return true
    }

    /// Whether the stream moves to `layer` with the keyframe (or, without keyframes, the packet) that starts now.
    package func accepts(_ layer: Int) -> Bool {
        guard !isStopped else { return false }
        return layer == target || (current == nil && layer <= wantedLayer)
    }

    /// Whether a viewer who has nothing may begin with what is remembered of `layer`: not above where the stream is to
    /// go, and alive as far as that is known.
    package func mayBegin(with layer: Int) -> Bool {
        guard !isStopped, sizes.indices.contains(layer) else { return false }
        guard let target else { return layer <= wantedLayer }
        return layer == target || (layer < target && flows[layer].isLive)
    }

    package mutating func moved(to layer: Int) {
        current = layer
        lastRequest = nil
    }

    /// What is being forwarded cannot be decoded on: the source began anew.
    package mutating func lostCurrent() {
        current = nil
    }

    /// The viewer says that it needs a keyframe: the layer to ask for it.
    package func pictureLost() -> Int? {
        isStopped ? nil : current ?? target
    }

    /// Notices dead layers; returns the layer whose keyframe is waited for, when it is time to ask for it (again).
    package mutating func advance(to now: Instant) -> Int? {
        for layer in 0..<layerCount where flows[layer].isLive {
            if let last = flows[layer].lastPacket, now - last > deadAfter { flows[layer].isLive = false }
        }
        retarget()
        guard let waiting else { return nil }
        if let lastRequest, lastRequest.layer == waiting, now - lastRequest.at < Self.requestInterval { return nil }
        lastRequest = (waiting, now)
        return waiting
    }

    /// When `advance` has something to do.
    package func nextTimeout(after now: Instant) -> Instant? {
        var timeout: Instant?
        for layer in 0..<layerCount where flows[layer].isLive {
            guard let last = flows[layer].lastPacket else { continue }
            let death = last + deadAfter + .nanoseconds(1)
            timeout = min(timeout ?? death, death)
        }
        if let waiting {
            let request = lastRequest.map { $0.layer == waiting ? $0.at + Self.requestInterval : now } ?? now
            timeout = min(timeout ?? request, request)
        }
        return timeout
    }

    /// The layer whose keyframe is waited for.
    private var waiting: Int? {
        guard needsKeyframe, !isStopped else { return nil }
        if case .beginning = limit {
            return current == nil ? (0...wishedLayer).last { flows[$0].isLive } ?? wishedLayer : nil
        }
        if let target { return target == current ? nil : target }
        // Before any packet came nothing is known to be live; the wanted layer is as good a guess as any.
        return wantedLayer
    }

    /// The highest layer that is wanted and allowed, live or not.
    private var wantedLayer: Int {
        switch limit {
        case .layer(let allowed), .beginning(let allowed): max(0, min(wishedLayer, allowed))
        case .none, .nothing: wishedLayer
        }
    }

    /// The highest layer that is wanted, whatever the line allows.
    package var wishedLayer: Int { wanted.highestLayer(among: sizes) ?? 0 }

    private mutating func retarget() {
        guard !isStopped else {
            target = nil
            return
        }
        let limit = wantedLayer
        let below = (0...limit).last { flows[$0].isLive }
        // With nothing live the stream stays where it is, to go on when packets do.
        target = below ?? (limit..<layerCount).first { flows[$0].isLive } ?? current
    }
}
