import Synchronization

/// Whether new participants should be sent here: not before the relay accepts them and not once it is stopping.
package final class Readiness: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package var isReady: Bool {
        get { flag.load(ordering: .acquiring) }
        set { flag.store(newValue, ordering: .releasing) }
    }
}
