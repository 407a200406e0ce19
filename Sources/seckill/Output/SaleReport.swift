import SaleCore
import SaleService

/// A sale as operators see it; the names are those of the HTTP API, and what only operators see
/// stands beside them.
struct SaleReport: Listed {
    struct Item: Listed {
        let sku: String
        let title: String
        let unitPrice: Int64
        let currency: String
        let stock: Int64
        let committed: Int64
        let available: Int64?
        let limitPerUser: Int

        static let plural = "items"
        static var columns: [Column<Item>] {
            [
                Column("sku", isFlexible: true) { $0.sku },
                Column("title", isFlexible: true) { $0.title },
                Column("unit_price", .none, .right, data: { String($0.unitPrice) }) { $0.price },
                Column("currency", "") { $0.currency },
                Column("stock", .none, .right) { String($0.stock) },
                Column("committed", .none, .right) { String($0.committed) },
                Column("available", .none, .right, data: { $0.available.map(String.init) ?? "" }) { $0.available.map(String.init) ?? "-" },
                Column("limit_per_user", "LIMIT", .right) { String($0.limitPerUser) },
            ]
        }

        var name: String { sku }

        private var price: String { Currency(currency).map { Money.text(unitPrice, $0) } ?? String(unitPrice) }

        enum CodingKeys: String, CodingKey {
            case sku, title, currency, stock, committed, available
            case unitPrice = "unit_price"
            case limitPerUser = "limit_per_user"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(sku, forKey: .sku)
            try container.encode(title, forKey: .title)
            try container.encode(unitPrice, forKey: .unitPrice)
            try container.encode(currency, forKey: .currency)
            try container.encode(stock, forKey: .stock)
            try container.encode(committed, forKey: .committed)
            // `null` says "Redis does not hold it", which an absent key would not.
            try container.encode(available, forKey: .available)
            try container.encode(limitPerUser, forKey: .limitPerUser)
        }
    }

    static let plural = "sales"
    static var columns: [Column<SaleReport>] {
        [
            Column("sale", isFlexible: true) { $0.sale },
            Column("title", isFlexible: true) { $0.title },
            Column("state", data: { $0.state }) { $0.stage },
            Column("status", isWide: true) { $0.status },
            Column("opens_at", isWide: true) { $0.opensAt },
            Column("closes_at") { $0.closesAt },
            Column("pay_within", isWide: true) { $0.payWithin },
            Column("items", .none, .right, isWide: true) { String($0.items.count) },
            Column("stock", .none, .right) { String($0.items.reduce(0) { $0 + $1.stock }) },
            Column("committed", .none, .right) { String($0.items.reduce(0) { $0 + $1.committed }) },
            Column("version", .none, .right, isWide: true) { String($0.version) },
        ]
    }

    var name: String { sale }

    private enum CodingKeys: String, CodingKey {
        case sale, title, state, status, items, version
        case opensAt = "opens_at"
        case closesAt = "closes_at"
        case payWithin = "pay_within"
    }

    let sale: String
    let title: String
    /// What a buyer sees now.
    let state: String
    /// What an operator has said.
    let status: String
    let opensAt: String
    let closesAt: String
    let payWithin: String
    /// Grows with every change that an operator makes.
    let version: Int64
    let items: [Item]

    init(_ reading: SaleReading, now: Timestamp) {
        let sale = reading.sale
        self.sale = sale.id.rawValue
        title = sale.title
        state = sale.phase(at: now, isSoldOut: reading.isSoldOut).rawValue
        status = sale.status.rawValue
        opensAt = "\(sale.opensAt)"
        closesAt = "\(sale.closesAt)"
        payWithin = DurationText.text(milliseconds: sale.payWithinMilliseconds)
        version = sale.version
        items = sale.items.map { item in
            Item(
                sku: item.sku.rawValue, title: item.title, unitPrice: item.unitPrice, currency: item.currency.code, stock: item.loaded,
                committed: item.committed, available: reading.available(of: item.sku), limitPerUser: item.limitPerUser)
        }
    }

    /// For people, who must see whether it can go on: one that has ended by the clock can be
    /// extended, one that was closed cannot.
    private var stage: String {
        state == SalePhase.closed.rawValue && status != SaleStatus.closed.rawValue ? "ended" : state
    }

    /// One row of CSV has no room for the items.
    func printRow() throws {
        try ListWriter.print([self], .csv)
        Console.message("its items: seckill stock show --sale \(sale) -o csv")
    }

    func print(_ format: OutputFormat) throws {
        var table = TextTable(columns: [("SALE", .left, false), (sale, .left, true)])
        table.add("title", title)
        table.add("state", stage == status ? stage : "\(stage) (status \(status))")
        table.add("opens at", opensAt)
        table.add("closes at", closesAt)
        table.add("pay within", payWithin)
        table.print(fitting: format == .wide ? nil : TextTable.usualWidth, wraps: true)
        Console.data("")
        try ListWriter.print(items, format)
    }
}
