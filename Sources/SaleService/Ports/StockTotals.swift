package import SaleCore

/// Units of a whole sale, as Postgres counts them at one instant.
package struct StockTotals: Sendable, Equatable {
    /// Ever put on sale.
    package var loaded: Int64
    /// In live orders.
    package var committed: Int64
    /// Moves that Redis may not know of yet.
    package var moves: Int64

    package init(loaded: Int64, committed: Int64, moves: Int64) {
        self.loaded = loaded
        self.committed = committed
        self.moves = moves
    }
}

/// Counts the units of sales.
package protocol StockCounting: Sendable {
    func totals(of sales: [SaleID]) async throws(JournalError) -> [SaleID: StockTotals]
}
