import SaleCore
import SaleService

/// One movement of units or money.
struct OperatorLedgerRow: Encodable {
    let id: Int64
    let at: String
    let sale: String
    let sku: String
    let kind: String
    let loaded: Int64
    let committed: Int64
    let amount: Int64
    let currency: String?
    let order: String?

    init(_ entry: LedgerEntry) {
        (id, at, sale, sku, kind) = (entry.id, "\(entry.at)", entry.sale.rawValue, entry.sku.rawValue, entry.kind.rawValue)
        (loaded, committed, amount) = (entry.loaded, entry.committed, entry.amount)
        (currency, order) = (entry.currency?.code, entry.order.map { "\($0)" })
    }
}

/// The same with what its item has after it.
struct OperatorLedgerLine: Encodable {
    private enum CodingKeys: String, CodingKey {
        case balance
        case loadedAfter = "loaded_after"
        case committedAfter = "committed_after"
    }

    private let line: LedgerLine

    init(_ line: LedgerLine) {
        self.line = line
    }

    func encode(to encoder: any Encoder) throws {
        try OperatorLedgerRow(line.entry).encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(line.balance, forKey: .balance)
        try container.encode(line.loadedAfter, forKey: .loadedAfter)
        try container.encode(line.committedAfter, forKey: .committedAfter)
    }
}

/// The books of one sale, in both stores.
struct OperatorAudit: Encodable {
    private struct Item: Encodable {
        private enum CodingKeys: String, CodingKey {
            case sku, loaded, committed, available, breaches
            case live
            case inFlight = "in_flight"
        }

        var sku: String
        var loaded: Int64
        var committed: Int64
        var live: Int64
        var available: Int64?
        var inFlight: Int64
        var breaches: [String]
    }

    private enum CodingKeys: String, CodingKey {
        case sale, settled, items
    }

    private let sale: String
    /// `false` when units moved all the while, so that only what Postgres says alone was judged.
    private let settled: Bool
    private let items: [Item]

    init(_ audit: SaleAudit) {
        (sale, settled) = (audit.sale.rawValue, audit.isSettled)
        items = audit.balances.map { balance in
            Item(
                sku: balance.sku.rawValue, loaded: balance.loaded, committed: balance.committed, live: balance.inLiveOrders,
                available: balance.available, inFlight: balance.inFlight, breaches: audit.breaches(of: balance).map { "\($0)" })
        }
    }
}
