import OperatorInput
import SaleCore
import SaleService

/// A sale as operators see it; the names are those of the HTTP API, and what only operators see stands beside them.
struct SaleReport: Encodable {
    struct Item: Encodable {
        let sku: String
        let title: String
        let unitPrice: Int64
        let currency: String
        let stock: Int64
        let committed: Int64
        let available: Int64?
        let limitPerUser: Int

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

    private enum CodingKeys: String, CodingKey {
        case sale, title, state, status, items
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
        items = sale.items.map { item in
            Item(
                sku: item.sku.rawValue, title: item.title, unitPrice: item.unitPrice, currency: item.currency.code, stock: item.loaded,
                committed: item.committed, available: reading.available(of: item.sku), limitPerUser: item.limitPerUser)
        }
    }

    func print() {
        var table = TextTable(("SALE", .left), (sale, .left))
        table.add("title", title)
        table.add("state", state == status ? state : "\(state) (status \(status))")
        table.add("opens at", opensAt)
        table.add("closes at", closesAt)
        table.add("pay within", payWithin)
        table.print()
        Console.data("")
        printItems()
    }

    func printItems() {
        var table = TextTable(
            ("SKU", .left), ("TITLE", .left), ("UNIT PRICE", .right), ("", .left), ("STOCK", .right), ("COMMITTED", .right),
            ("AVAILABLE", .right), ("LIMIT", .right))
        for item in items {
            table.add(
                item.sku, item.title, String(item.unitPrice), item.currency, String(item.stock), String(item.committed),
                item.available.map(String.init) ?? "-", String(item.limitPerUser))
        }
        table.print()
    }
}
