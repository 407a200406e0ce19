import SaleCore

/// A row of the stock ledger, and how its item stands after it.
package struct LedgerLine: Sendable, Equatable {
    package var entry: LedgerEntry
    /// Units ever put on sale, and those in live orders.
    package var loadedAfter: Int64
    package var committedAfter: Int64

    /// Units that are left.
    package var balance: Int64 { loadedAfter - committedAfter }

    /// Where a reading goes on.
    package var position: LedgerPosition {
        LedgerPosition(sku: entry.sku, id: entry.id, loaded: loadedAfter, committed: committedAfter)
    }

    static func lines(_ entries: [LedgerEntry], after position: LedgerPosition?) -> [LedgerLine] {
        var last = position
        return entries.map { entry in
            let before = last.flatMap { $0.sku == entry.sku ? $0 : nil }
            let line = LedgerLine(
                entry: entry, loadedAfter: (before?.loaded ?? 0) + entry.loaded, committedAfter: (before?.committed ?? 0) + entry.committed)
            last = line.position
            return line
        }
    }
}
