package import Media

/// Shares out what one viewer's line can carry among the video tracks they watch. Sound comes first and is not asked;
/// then a shared screen, then cameras by the size they are wanted in.
///
/// Down it goes at once, except that a picture at its least is not given up for the little that a careful estimate may be
/// wrong by. Up only with `headroom` left over and held for a time, which doubles each time a raise had to be
/// taken back soon after and is forgotten when the line has become clearly better. Tracks that are new, and what the
/// viewer asks more of, need the headroom but do not wait.
package struct LayerAllocator: Sendable {
    /// What comes first when there is not enough for all.
    package enum Importance: Sendable, Hashable {
        /// Pixels wanted.
        case camera(pixels: Int)
        case screenShare

        var rank: (Int, Int) {
            switch self {
            case .camera(let pixels): (0, pixels)
            case .screenShare: (1, 0)
            }
        }
    }

    /// A video track that the viewer wants.
    package struct Demand: Sendable {
        package var track: TrackID
        package var importance: Importance
        /// The highest layer wanted.
        package var wanted: Int
        /// `LayerStep.ladder`. Empty while nothing of the track is being sent.
        package var ladder: [LayerStep]

        /// Whether it may be sent in more than one size.
        package var hasChoice: Bool { ladder.isEmpty ? wanted > 0 : ladder.first?.layer != ladder.last?.layer }

        package init(track: TrackID, importance: Importance, wanted: Int, ladder: [LayerStep]) {
            self.track = track
            self.importance = importance
            self.wanted = wanted
            self.ladder = ladder
        }
    }

    package enum Grant: Sendable, Hashable {
        case paused
        case step(layer: Int, temporalLayer: UInt8)
        /// Nothing is known of the track's rates.
        case unlimited
    }

    /// A picture goes on at its least while the line has this much of what that takes, in percent.
    package static let tolerance = 75
    /// What a step up must leave over, in percent of what it costs.
    package static let headroom = 20
    package static let hold = Duration.seconds(1)
    package static let maximumHold = Duration.seconds(30)
    /// A raise that is taken back within this time has failed.
    package static let trial = Duration.seconds(8)

    private struct Held: Sendable {
        /// nil: paused.
        var step: LayerStep?
        var wanted: Int
    }

    private var held: [TrackID: Held] = [:]
    private var possibleSince: Instant?
    private var wait = Self.hold
    private var lastRaise: (at: Instant, bandwidth: Int)?
    /// The bandwidth at which raises have failed.
    private var failedAt: Int?
    /// Bits a second with which everything could be sent as wanted, headroom included; nil when it is.
    package private(set) var missing: Int?

    package init() {}

    /// - Parameters:
    ///   - bandwidth: bits a second for all of the connection.
    ///   - reserved: bits a second of what always goes: sound.
    package mutating func allocate(
        _ demands: [Demand], bandwidth: Int, reserved: Int, now: Instant
    ) -> [TrackID: Grant] {
        let known = demands.filter { !$0.ladder.isEmpty }.sorted { a, b in
            (a.importance.rank.0, a.importance.rank.1, a.track.rawValue)
                > (b.importance.rank.0, b.importance.rank.1, b.track.rawValue)
        }
        let budget = bandwidth - reserved
        // Indices into the ladders; -1 is paused.
        let current = known.map { demand in held[demand.track].map { position(of: $0.step, in: demand.ladder) } }
        let isFresh = known.map { demand in held[demand.track].map { $0.wanted < demand.wanted } ?? true }
        let tops = known.map { $0.ladder.count - 1 }
        let ceilings = known.indices.map { isFresh[$0] ? tops[$0] : current[$0] ?? tops[$0] }
        let base = distribute(known, budget: budget, ceilings: ceilings, current: current)
        let goal = distribute(known, budget: budget, ceilings: tops, current: current)

        let isLowered = known.indices.contains { index in base[index] < current[index] ?? -1 }
        if isLowered { lowered(bandwidth: bandwidth, now: now) }
        var chosen = base
        if known.indices.contains(where: { goal[$0] > base[$0] }), !isLowered {
            possibleSince = possibleSince ?? now
            if let failedAt, bandwidth > failedAt * 3 / 2 { wait = Self.hold }
            if let since = possibleSince, now - since >= wait {
                chosen = goal
                possibleSince = nil
                lastRaise = (now, bandwidth)
            }
        } else {
            possibleSince = nil
        }
        return settle(demands, known, chosen, reserved: reserved)
    }

    /// The lowest layer of each track, whole, whatever the line carries. What is better does not have to wait later.
    package mutating func allocateLeast(_ demands: [Demand]) -> [TrackID: Grant] {
        held = [:]
        missing = nil
        var grants: [TrackID: Grant] = [:]
        for demand in demands {
            grants[demand.track] = demand.wanted > 0 ? .step(layer: 0, temporalLayer: 3) : .unlimited
            guard let lowest = demand.ladder.first?.layer, let step = demand.ladder.last(where: { $0.layer == lowest })
            else { continue }
            grants[demand.track] = .step(layer: lowest, temporalLayer: step.temporalLayer)
            held[demand.track] = Held(step: step, wanted: -1)
        }
        return grants
    }

    /// Bits a second with which everything can be sent as wanted, headroom included.
    package static func needed(_ demands: [Demand], reserved: Int) -> Int {
        demands.reduce(reserved) { sum, demand in
            let top = demand.ladder.last?.bitrate ?? 0
            return sum + top + top * headroom / 100
        }
    }

    private mutating func lowered(bandwidth: Int, now: Instant) {
        guard let raise = lastRaise else { return }
        lastRaise = nil
        if now - raise.at < Self.trial {
            wait = min(wait * 2, Self.maximumHold)
            failedAt = raise.bandwidth
        } else {
            wait = Self.hold
        }
    }

    /// Everybody's least first, in order of importance; then step by step, screens before cameras.
    private func distribute(_ demands: [Demand], budget: Int, ceilings: [Int], current: [Int?]) -> [Int] {
        var positions = demands.map { _ in -1 }
        var left = budget
        func cost(_ index: Int, _ position: Int) -> Int {
            guard position >= 0 else { return 0 }
            let rate = demands[index].ladder[position].bitrate
            return position > current[index] ?? -1 ? rate + rate * Self.headroom / 100 : rate
        }
        func raise(_ index: Int) -> Bool {
            let position = positions[index]
            guard position < ceilings[index] else { return false }
            let more = cost(index, position + 1) - cost(index, position)
            let isLeast = position < 0 && current[index] ?? -1 >= 0
            guard (isLeast ? more * Self.tolerance / 100 : more) <= left else { return false }
            positions[index] += 1
            left -= more
            return true
        }
        for index in demands.indices { _ = raise(index) }
        let ranks = Set(demands.map(\.importance.rank.0)).sorted(by: >)
        for rank in ranks {
            let members = demands.indices.filter { demands[$0].importance.rank.0 == rank && positions[$0] >= 0 }
            while members.reduce(false, { raise($1) || $0 }) {}
        }
        return positions
    }

    private func position(of step: LayerStep?, in ladder: [LayerStep]) -> Int {
        guard let step else { return -1 }
        return ladder.lastIndex { !$0.isBetter(than: step) } ?? 0
    }

    private mutating func settle(
        _ demands: [Demand], _ known: [Demand], _ chosen: [Int], reserved: Int
    ) -> [TrackID: Grant] {
        var grants: [TrackID: Grant] = [:]
        var isMissing = false
        for demand in demands where demand.ladder.isEmpty { grants[demand.track] = .unlimited }
        var kept: [TrackID: Held] = [:]
        for (demand, position) in zip(known, chosen) {
            isMissing = isMissing || position < demand.ladder.count - 1
            let step = position < 0 ? nil : demand.ladder[position]
            kept[demand.track] = Held(step: step, wanted: demand.wanted)
            // At the top there is nothing to hold back: not a layer that begins later either.
            grants[demand.track] =
                step.map {
                    .step(
                        layer: position == demand.ladder.count - 1 ? demand.wanted : $0.layer,
                        temporalLayer: $0.temporalLayer)
                }
                ?? .paused
        }
        held = kept
        missing = isMissing ? Self.needed(known, reserved: reserved) : nil
        return grants
    }
}
