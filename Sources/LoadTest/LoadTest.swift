import Media
import Synchronization

/// Publishers and viewers of the real protocol against a running server: signalling, ICE, DTLS, SRTP and RTCP, real VP8
/// and Opus. Viewers verify what arrives and measure how late it is.
package struct LoadTest: Sendable {
    private let plan: LoadTestPlan
    private let token: @Sendable (LoadTestRole) async throws -> String

    /// - Parameter token: makes an access token for a participant.
    package init(_ plan: LoadTestPlan, token: @Sendable @escaping (LoadTestRole) async throws -> String) {
        self.plan = plan
        self.token = token
    }

    private final class Progress: Sendable {
        let participants = Mutex<[PeerID: ParticipantProgress]>([:])
    }

    /// Runs the whole test. `onProgress` is told once a second where it stands.
    package func run(onProgress: @Sendable @escaping (LoadProgress) -> Void) async throws -> LoadReport {
        let certificate = try DTLSCertificate(now: Int(Clock.wall() / 1_000_000_000))
        let times = SendTimes()
        let receivers = (0..<max(1, plan.threads)).map { _ in
            MediaThread(plan, times: times, certificate: certificate)
        }
        let senders = (0..<plan.publishers).map { _ in MediaThread(plan, times: times, certificate: certificate) }
        defer { MediaThread.stop(receivers + senders) }
        let progress = Progress()
        let usage = UsageMeter(server: plan.serverProcess)
        var report: LoadReport?
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<plan.publishers {
                let token = try await token(.publisher(number))
                start(.publisher(number), id: number, on: senders[number], token: token, progress, in: &group)
            }
            try await eventually {
                if let error = progress.participants.withLock({ $0.values.lazy.compactMap(\.error).first }) {
                    throw error
                }
                return await publishing(senders)
            }
            let memoryBefore = usage.serverMemory
            let start = Clock.now()
            let monitor = Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    onProgress(await summary(progress, receivers, senders, since: start))
                }
            }
            defer { monitor.cancel() }
            for number in 0..<plan.viewers {
                let due = start + plan.ramp * (Double(number) / Double(max(1, plan.viewers)))
                let wait = due - Clock.now()
                if wait > .zero { try await Task.sleep(for: wait) }
                let token = try await token(.viewer(number))
                let id = plan.publishers + number
                self.start(
                    .viewer(number), id: id, on: receivers[number % receivers.count], token: token, progress, in: &group
                )
            }
            let busy = usage.begin()
            let before = await collect(receivers, senders)
            try await Task.sleep(for: plan.duration)
            let after = await collect(receivers, senders)
            let spent = usage.end(since: busy)
            // What was sent last is still on its way to some.
            let spread = times.spread(from: busy.time, to: Clock.now() - .milliseconds(500))
            report = LoadReport(
                LoadMeasurement(
                    plan: plan, progress: progress.participants.withLock { $0 }, before: before, after: after,
                    spread: spread, usage: spent, serverMemoryBefore: memoryBefore))
            group.cancelAll()
            while let _ = try? await group.next() {}
        }
        return report!
    }

    private func start(
        _ role: LoadTestRole, id: PeerID, on thread: MediaThread, token: String, _ progress: Progress,
        in group: inout ThrowingTaskGroup<Void, any Error>
    ) {
        progress.participants.withLock { $0[id] = ParticipantProgress(began: Clock.now()) }
        let participant = LoadParticipant(id: id, role: role, plan: plan, thread: thread, token: token)
        group.addTask {
            await participant.run { change in
                progress.participants.withLock { participants in
                    if var one = participants[id] {
                        change(&one)
                        participants[id] = one
                    }
                }
            }
        }
    }

    private func publishing(_ senders: [MediaThread]) async -> Bool {
        for sender in senders {
            let frames = await sender.report().publishers.values.map(\.frames)
            if frames.isEmpty || frames.contains(0) { return false }
        }
        return true
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = Clock.now() + plan.patience
        while try await !condition() {
            guard Clock.now() < deadline else { throw LoadTestError.timedOut }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func collect(_ receivers: [MediaThread], _ senders: [MediaThread]) async -> MediaReport {
        var whole = MediaReport()
        for thread in receivers + senders {
            whole.merge(await thread.report())
        }
        return whole
    }

    private func summary(
        _ progress: Progress, _ receivers: [MediaThread], _ senders: [MediaThread], since start: Instant
    ) async -> LoadProgress {
        let media = await collect(receivers, senders)
        let participants = progress.participants.withLock { $0 }
        return LoadProgress(
            seconds: (Clock.now() - start).inSeconds, begun: participants.count,
            connected: media.viewers.values.count { $0.connected != nil } + media.publishers.count,
            failed: participants.values.count { $0.error != nil },
            packets: media.sum(\.packets), lost: media.sum(\.lost), freezes: media.sum { $0.isVideo ? $0.freezes : 0 },
            keyframeRequests: media.keyframeRequests, latency: media.latency.good.percentile(0.99))
    }
}
