import SaleCore
import SaleService
import Synchronization

/// Whether Redis lets us sell. Anybody may ask, and it writes: it is tried once a second at the
/// most.
final class StoreProbe: Sendable {
    private struct Outcome {
        var at: MonotonicInstant
        var refusal: String?
    }

    private let store: any StockServer
    private let last = Mutex<Outcome?>(nil)

    private static let lifetime = Duration.seconds(1)

    init(store: any StockServer) {
        self.store = store
    }

    /// The store's own words; `nil` when it lets us.
    func refusal() async -> String? {
        let now = monotonicNow()
        if let last = last.withLock({ $0 }), now < last.at.advanced(by: Self.lifetime.nanoseconds) { return last.refusal }
        var outcome = Outcome(at: now)
        do throws(StoreError) {
            try await store.probe()
        } catch {
            outcome.refusal = error.reason
        }
        last.withLock { [outcome] in $0 = outcome }
        return outcome.refusal
    }
}
