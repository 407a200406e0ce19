import SaleCore

extension SaleChange {
    /// One line of the audit: old value and new value.
    var auditLine: String {
        switch self {
        case .create(let title, let opensAt, let closesAt, let payWithin):
            "create \"\(title)\" \(opensAt)…\(closesAt) pay_within \(payWithin) ms"
        case .setTitle(let from, let to): "title \"\(from)\" → \"\(to)\""
        case .setOpensAt(let from, let to): "opens_at \(from) → \(to)"
        case .setClosesAt(let from, let to): "closes_at \(from) → \(to)"
        case .setPayWithin(let from, let to): "pay_within \(from) ms → \(to) ms"
        case .setStatus(let from, let to): "status \(from.rawValue) → \(to.rawValue)"
        case .addItem(let sku, let title, let unitPrice, let currency, let stock, let limitPerUser):
            "\(sku) add \"\(title)\" price \(Money.amount(unitPrice, currency)) stock \(stock) limit_per_user \(limitPerUser)"
        case .setItemTitle(let sku, let from, let to): "\(sku) title \"\(from)\" → \"\(to)\""
        case .setPrice(let sku, let from, let fromCurrency, let to, let toCurrency):
            "\(sku) price \(Money.amount(from, fromCurrency)) → \(Money.amount(to, toCurrency))"
        case .setLimitPerUser(let sku, let from, let to): "\(sku) limit_per_user \(from) → \(to)"
        case .moveStock(let sku, let from, let to): "\(sku) stock \(from) → \(to)"
        }
    }

    /// The item that is changed; `nil` for a change of the sale itself.
    var sku: SKU? {
        switch self {
        case .addItem(let sku, _, _, _, _, _), .setItemTitle(let sku, _, _), .setPrice(let sku, _, _, _, _), .setLimitPerUser(let sku, _, _),
            .moveStock(let sku, _, _):
            sku
        case .create, .setTitle, .setOpensAt, .setClosesAt, .setPayWithin, .setStatus: nil
        }
    }

    /// The items on sale may become more: new ones come, or a sale that was over goes on.
    var putsItemsOnSale: Bool {
        switch self {
        case .addItem: true
        case .setClosesAt(let from, let to): to > from
        default: false
        }
    }

    /// The guard of the item's limit may go from the index to the counters: see
    /// `stock.counts_users`.
    var mayChangeGuard: Bool {
        if case .setLimitPerUser(_, let from, let to) = self { from == 1 && to > 1 } else { false }
    }
}
