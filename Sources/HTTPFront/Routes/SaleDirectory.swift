package import SaleCore

/// What this node knows of the sales, in memory.
package protocol SaleDirectory: Sendable {
    /// Every sale, in the order of their ids.
    func sales() -> [SaleView]
    func sale(_ id: SaleID) -> SaleView?
}

/// A sale with the stock that is left of it, at the instant of the last look.
package struct SaleView: Sendable, Equatable {
    package var sale: Sale
    /// Units that would still be granted. An SKU that is missing is not known to Redis at the moment.
    package var available: [SKU: Int64]

    package init(sale: Sale, available: [SKU: Int64]) {
        self.sale = sale
        self.available = available
    }

    /// What can be said of an item's units: what Redis would grant, else what Postgres has not given away.
    package func units(of item: SaleItem) -> Int64 {
        max(0, available[item.sku] ?? item.loaded - item.committed)
    }

    package func phase(at now: Timestamp) -> SalePhase {
        sale.phase(at: now, isSoldOut: sale.items.allSatisfy { units(of: $0) == 0 })
    }
}
