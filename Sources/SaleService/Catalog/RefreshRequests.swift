import SaleCore
import Synchronization

/// How the lanes tell the refresher that Redis contradicts the catalog, so that it looks now rather
/// than at its next turn.
package final class RefreshRequests: Sendable {
    private let signal: AsyncSignal
    private let isScriptMissing = Atomic<Bool>(false)
    private let suspects = Mutex<Set<SaleID>>([])

    init(runtime: Runtime) {
        signal = AsyncSignal(runtime: runtime)
    }

    package func look() {
        signal.ring()
    }

    /// Redis contradicted what the catalog says of `sale`: it is read in full, whether or not it
    /// changed.
    func look(at sale: SaleID) {
        suspects.withLock { _ = $0.insert(sale) }
        signal.ring()
    }

    func scriptMissing() {
        isScriptMissing.store(true, ordering: .relaxed)
    }

    /// Whether a lane missed the script since the last call.
    func takeScriptMissing() -> Bool {
        isScriptMissing.exchange(false, ordering: .relaxed)
    }

    /// The sales that were suspected since the last call.
    func takeSuspects() -> Set<SaleID> {
        suspects.withLock { suspects in
            defer { suspects = [] }
            return suspects
        }
    }

    /// Returns when a look is wanted, at the latest after `interval`, or when the task is
    /// cancelled.
    func wait(atMost interval: Duration) async {
        await signal.wait(atMost: interval)
    }
}
