import SaleCore
import SaleService

/// One movement of units or money, as it stands in the ledger.
struct LedgerEntryReport: Encodable {
    let id: Int64
    let at: String
    let sku: String
    let kind: String
    let loaded: Int64
    let committed: Int64
    let amount: Int64
    let currency: String?
    let order: String?

    init(_ entry: LedgerEntry) {
        (id, at, sku, kind) = (entry.id, "\(entry.at)", entry.sku.rawValue, entry.kind.rawValue)
        (loaded, committed, amount) = (entry.loaded, entry.committed, entry.amount)
        (currency, order) = (entry.currency?.code, entry.order.map { "\($0)" })
    }
}

/// The same with what its item has after it.
struct LedgerReport: Listed {
    private enum CodingKeys: String, CodingKey {
        case sale, balance
        case loadedAfter = "loaded_after"
        case committedAfter = "committed_after"
    }

    static let plural = "ledger"
    static var columns: [Column<LedgerReport>] {
        [
            Column("id", .none, .right, isWide: true) { String($0.entry.id) },
            Column("at", data: { $0.entry.at }) { $0.entry.at.toTheSecond },
            Column("sale", isWide: true) { $0.sale },
            Column("sku", isFlexible: true) { $0.entry.sku },
            Column("kind") { $0.entry.kind },
            Column("loaded", .none, .right) { String($0.entry.loaded) },
            Column("committed", .none, .right) { String($0.entry.committed) },
            Column("balance", .none, .right) { String($0.balance) },
            Column("amount", .none, .right, data: { String($0.entry.amount) }) { $0.amount },
            Column("currency", isWide: true) { $0.entry.currency ?? "" },
            Column("order", isWide: true) { $0.entry.order ?? "" },
            Column("loaded_after", .none, .right, isWide: true) { String($0.loadedAfter) },
            Column("committed_after", .none, .right, isWide: true) { String($0.committedAfter) },
        ]
    }

    var name: String { String(entry.id) }

    private let sale: String
    private let entry: LedgerEntryReport
    private let balance: Int64
    private let loadedAfter: Int64
    private let committedAfter: Int64

    init(_ line: LedgerLine) {
        sale = line.entry.sale.rawValue
        entry = LedgerEntryReport(line.entry)
        (balance, loadedAfter, committedAfter) = (line.balance, line.loadedAfter, line.committedAfter)
    }

    private var amount: String {
        guard entry.amount != 0 else { return "" }
        return entry.currency.flatMap { Currency($0) }.map { Money.text(entry.amount, $0) } ?? String(entry.amount)
    }

    func encode(to encoder: any Encoder) throws {
        try entry.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sale, forKey: .sale)
        try container.encode(balance, forKey: .balance)
        try container.encode(loadedAfter, forKey: .loadedAfter)
        try container.encode(committedAfter, forKey: .committedAfter)
    }
}
