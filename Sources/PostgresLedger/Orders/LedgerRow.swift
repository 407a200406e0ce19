import SaleCore
import SaleService

/// How an entry of the stock ledger is read.
enum LedgerRow {
    static let columns = "id, at, sale_id, sku, kind, loaded, committed, amount, currency, order_id"

    static func readAll(_ result: borrowing PostgresResult) throws(JournalError) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        entries.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard
                let sale = SaleID(stored: result.text(row, 2)), let sku = SKU(stored: result.text(row, 3)),
                let kind = LedgerEntry.Kind(rawValue: result.text(row, 4))
            else { throw .unreadable("an entry of the ledger") }
            entries.append(
                LedgerEntry(
                    id: result.int64(row, 0), at: result.timestamp(row, 1), sale: sale, sku: sku, kind: kind, loaded: result.int64(row, 5),
                    committed: result.int64(row, 6), amount: result.int64(row, 7), currency: result.optionalText(row, 8).flatMap { Currency($0) },
                    order: result.isNull(row, 9) ? nil : result.order(row, 9)))
        }
        return entries
    }
}
