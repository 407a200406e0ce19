import SaleCore
import Synchronization

/// How the lanes tell the refresher that Redis contradicts the catalog, so that it looks now rather than at its next turn.
package final class CatalogAttention: Sendable {
    private let doorbell: Doorbell
    private let isScriptMissing = Atomic<Bool>(false)
    private let suspects = Mutex<Set<SaleID>>([])

    package init(runtime: Runtime) {
        doorbell = Doorbell(runtime: runtime)
    }

    package func look() {
        doorbell.ring()
    }

    /// Redis contradicted what the catalog says of `sale`: it is read in full, whether or not it changed.
    func look(at sale: SaleID) {
        suspects.withLock { _ = $0.insert(sale) }
        doorbell.ring()
    }

    package func scriptMissing() {
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

    /// Returns when a look is wanted, at the latest after `interval`, or when the task is cancelled.
    func wait(atMost interval: Duration) async {
        await doorbell.wait(atMost: interval)
    }
}
