package import SaleCore

/// Finds the answer of a purchase that an idempotency key already made, when the order does not wait on this lane.
package struct ReplayLookup: Sendable {
    private let reader: any OrderReader
    private let store: any StockStore
    private let sweep: LeftoverSweep

    package init(reader: any OrderReader, store: any StockStore, sweep: LeftoverSweep) {
        self.reader = reader
        self.store = store
        self.sweep = sweep
    }

    /// Tells only what is final. An order that Postgres has not judged yet is carried there first, whichever node granted it: a node that had no answer from Redis
    /// may be about to abandon it, and then the key would make another order.
    package func outcome(of id: OrderID, in sale: SaleID) async -> PurchaseOutcome {
        do {
            // Not in Postgres, and then not in the log: it may have gone from there to Postgres between the two looks.
            for _ in 0..<2 {
                if let verdict = try await reader.verdict(on: id) { return Self.outcome(of: verdict) }
                guard let reservation = try await store.reservation(id, of: sale) else { continue }
                try await sweep.finish([reservation], of: sale)
            }
            return try await reader.verdict(on: id).map(Self.outcome) ?? .refused(.inProgress)
        } catch {
            return .refused(.recovering)
        }
    }

    private static func outcome(of verdict: CommitVerdict) -> PurchaseOutcome {
        switch verdict {
        case .committed(let order): .committed(order.asFirstAnswered, isReplay: true)
        case .rejected(let rejection): .refused(rejection.asRefusal)
        }
    }
}
