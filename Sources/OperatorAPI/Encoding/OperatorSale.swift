import SaleCore
import SaleService

/// A sale as operators see it.
struct OperatorSale: Encodable {
    struct Item: Encodable {
        let sku: String
        let title: String
        let unitPrice: Int64
        let currency: String
        let loaded: Int64
        let committed: Int64
        /// `null` when Redis does not hold the item.
        let available: Int64?
        let limitPerUser: Int

        private enum CodingKeys: String, CodingKey {
            case sku, title, currency, loaded, committed, available
            case unitPrice = "unit_price"
            case limitPerUser = "limit_per_user"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(sku, forKey: .sku)
            try container.encode(title, forKey: .title)
            try container.encode(unitPrice, forKey: .unitPrice)
            try container.encode(currency, forKey: .currency)
            try container.encode(loaded, forKey: .loaded)
            try container.encode(committed, forKey: .committed)
            try container.encode(available, forKey: .available)
            try container.encode(limitPerUser, forKey: .limitPerUser)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case sale, title, state, status, version, epoch, fence, items
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
    let version: Int64
    let epoch: Int64
    /// Whether Redis is known to agree with Postgres: `proven` or `unproven`.
    let fence: String
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
        version = sale.version
        epoch = sale.epoch.number
        fence = reading.stock == nil ? "unproven" : "proven"
        opensAt = "\(sale.opensAt)"
        closesAt = "\(sale.closesAt)"
        payWithin = DurationText.text(milliseconds: sale.payWithinMilliseconds)
        items = sale.items.map { item in
            Item(
                sku: item.sku.rawValue, title: item.title, unitPrice: item.unitPrice, currency: item.currency.code, loaded: item.loaded,
                committed: item.committed, available: reading.available(of: item.sku), limitPerUser: item.limitPerUser)
        }
    }
}
