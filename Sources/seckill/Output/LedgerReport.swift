import OperatorAPI
import SaleCore

/// The stock ledger as a list.
extension OperatorLedgerLine: Listed {
    static var plural: String { "ledger" }
    static var columns: [Column<OperatorLedgerLine>] {
        [
            Column("id", .none, .right) { String($0.row.id) },
            Column("at") { $0.row.at },
            Column("sale", isWide: true) { $0.row.sale },
            Column("sku", isFlexible: true) { $0.row.sku },
            Column("kind") { $0.row.kind },
            Column("loaded", .none, .right) { String($0.row.loaded) },
            Column("committed", .none, .right) { String($0.row.committed) },
            Column("balance", .none, .right) { String($0.balance) },
            Column("amount", .none, .right, data: { String($0.row.amount) }) { $0.amount },
            Column("currency", isWide: true) { $0.row.currency ?? "" },
            Column("order", isWide: true) { $0.row.order ?? "" },
            Column("loaded_after", .none, .right, isWide: true) { String($0.loadedAfter) },
            Column("committed_after", .none, .right, isWide: true) { String($0.committedAfter) },
        ]
    }

    var name: String { String(row.id) }

    private var amount: String {
        guard row.amount != 0 else { return "" }
        return row.currency.flatMap { Currency($0) }.map { Money.text(row.amount, $0) } ?? String(row.amount)
    }
}
