import Media

/// Where each transport lives. A transport is created by the control plane without a home; the worker that receives its
/// first connectivity check takes it, and since the kernel keeps handing that peer's datagrams to the same socket, it
/// stays there. Commands given before that wait here. Touched by control messages and first checks, never by media.
final class SessionDirectory: Sendable {
    private enum Home: Sendable {
        case unclaimed(waiting: WaitingCommands)
        case worker(Int)
    }

    private struct Entry {
        var setup: TransportSetup
        var home: Home
    }

    private struct State {
        var entries: [TransportID: Entry] = [:]
        var byUfrag: [String: TransportID] = [:]
        var mailboxes: [Mailbox] = []
    }

    enum Claim: Sendable {
        /// The session is the caller's now; the commands are to be carried out before any other.
        case granted(TransportSetup, waiting: [TransportCommand])
        case livesAt(worker: Int)
        case unknown
    }

    private let state = Locked(State())

    func attach(_ mailboxes: [Mailbox]) {
        state.withLock { $0.mailboxes = mailboxes }
    }

    func add(_ setup: TransportSetup) {
        state.withLock { state in
            state.entries[setup.id] = Entry(setup: setup, home: .unclaimed(waiting: WaitingCommands()))
            state.byUfrag[setup.credentials.ufrag] = setup.id
        }
    }

    /// Forgets a transport; a worker that has it is told to close it.
    func remove(_ id: TransportID) {
        post(.close, to: id)
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: id) else { return }
            for credentials in [entry.setup.credentials, entry.setup.formerCredentials].compactMap(\.self) {
                state.byUfrag[credentials.ufrag] = nil
            }
        }
    }

    /// An ICE restart: the peer is known under these credentials and, until it has them, under those it had.
    ///
    /// - Parameter keepsFormer: whether the worker that has it goes on answering checks with the latter.
    func restart(_ id: TransportID, with credentials: ICECredentials, keepsFormer: Bool = true) {
        let mailbox = state.withLock { state -> Mailbox? in
            guard var entry = state.entries[id] else { return nil }
            if let outdated = entry.setup.formerCredentials { state.byUfrag[outdated.ufrag] = nil }
            entry.setup.formerCredentials = entry.setup.credentials
            entry.setup.credentials = credentials
            state.byUfrag[credentials.ufrag] = id
            state.entries[id] = entry
            guard case .worker(let worker) = entry.home else { return nil }
            return state.mailboxes[worker]
        }
        mailbox?.post(.transport(id, .restart(credentials, keepsFormer: keepsFormer)))
    }

    func post(_ command: TransportCommand, to id: TransportID) {
        let mailbox = state.withLock { state -> Mailbox? in
            switch state.entries[id]?.home {
            case .worker(let worker):
                return state.mailboxes[worker]
            case .unclaimed(var waiting):
                waiting.add(command)
                state.entries[id]!.home = .unclaimed(waiting: waiting)
                return nil
            case nil:
                return nil
            }
        }
        mailbox?.post(.transport(id, command))
    }

    func mailbox(of worker: Int) -> Mailbox? {
        state.withLock { $0.mailboxes.indices.contains(worker) ? $0.mailboxes[worker] : nil }
    }

    /// The worker of each transport that has one.
    var homes: [TransportID: Int] {
        state.withLock { state in
            state.entries.compactMapValues { if case .worker(let worker) = $0.home { worker } else { nil } }
        }
    }

    /// What a stranger has to know before a session is given to the worker that heard them.
    func credentials(ufrag: String) -> ICECredentials? {
        state.withLock { state in
            guard let setup = state.byUfrag[ufrag].flatMap({ state.entries[$0]?.setup }) else { return nil }
            return setup.credentials.ufrag == ufrag ? setup.credentials : setup.formerCredentials
        }
    }

    /// Takes the session of `ufrag` for `worker` if it has no home yet.
    func claim(ufrag: String, for worker: Int) -> Claim {
        state.withLock { state in
            guard let id = state.byUfrag[ufrag], let entry = state.entries[id] else { return .unknown }
            switch entry.home {
            case .worker(let home):
                return .livesAt(worker: home)
            case .unclaimed(let waiting):
                state.entries[id]!.home = .worker(worker)
                return .granted(entry.setup, waiting: waiting.commands)
            }
        }
    }
}
