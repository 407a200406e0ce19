package import SaleCore

/// Finds the answer of a purchase that an idempotency key already made, when the order does not wait on this lane.
package struct ReplayLookup: Sendable {
    private let reader: any OrderReader
    private let store: any StockStore
    private let runtime: Runtime

    private static let firstPause = Duration.milliseconds(20)
    private static let longestPause = Duration.milliseconds(320)

    package init(reader: any OrderReader, store: any StockStore, runtime: Runtime) {
        self.reader = reader
        self.store = store
        self.runtime = runtime
    }

    /// Waits for the verdict until `deadline`, in nanoseconds of the monotonic clock, and looks at least once.
    package func outcome(of id: OrderID, in sale: Sale, deadline: UInt64) async -> PurchaseOutcome {
        var wasInLog = true
        var pause = Self.firstPause
        while true {
            do {
                if let verdict = try await reader.verdict(on: id) { return Self.outcome(of: verdict) }
                // Not in the log either, twice in a row: it was neither committed nor rejected between two looks at Postgres.
                guard wasInLog else { return .refused(.inProgress) }
                let reservation = try await store.reservation(id, of: sale.id)
                wasInLog = reservation != nil
                if let reservation, runtime.now() >= deadline {
                    return Order(reserved: reservation, in: sale).map { .reserved($0, isReplay: true) } ?? .refused(.inProgress)
                }
            } catch {
                return .refused(.recovering)
            }
            if wasInLog {
                try? await runtime.sleep(pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    private static func outcome(of verdict: CommitVerdict) -> PurchaseOutcome {
        switch verdict {
        case .committed(let order): .committed(order.asFirstAnswered, isReplay: true)
        case .rejected(let rejection): .refused(rejection.asRefusal)
        }
    }
}
