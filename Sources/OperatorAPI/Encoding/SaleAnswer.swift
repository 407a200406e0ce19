import SaleCore
import SaleService

/// What a change made of a sale: the sale as it is now, the changes, and how many nodes obey.
struct SaleAnswer: Encodable {
    private enum CodingKeys: String, CodingKey {
        case changes, left, nodes
        case obeyedBy = "obeyed_by"
        case isDryRun = "dry_run"
    }

    /// `nil` for one that a dry run would create.
    var sale: OperatorSale?
    var changes: [ChangeRow]
    var left: [StockLeftRow] = []
    var isDryRun = false
    var obedience: Obedience?

    func encode(to encoder: any Encoder) throws {
        try sale?.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(changes, forKey: .changes)
        try container.encode(left, forKey: .left)
        try container.encode(isDryRun, forKey: .isDryRun)
        try container.encodeIfPresent(obedience?.obeyedBy, forKey: .obeyedBy)
        try container.encodeIfPresent(obedience?.nodes, forKey: .nodes)
    }
}

/// An item whose stock is not what the body says, and stays.
struct StockLeftRow: Encodable {
    var sku: String
    var body: Int64
    var loaded: Int64

    init(_ left: StockLeft) {
        sku = left.sku.rawValue
        body = left.defined
        loaded = left.loaded
    }
}

/// One field that changed.
struct ChangeRow: Encodable {
    enum Value: Encodable {
        case number(Int64)
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    var sku: String?
    var field: String
    var from: Value?
    var to: Value

    static func rows(of change: SaleChange) -> [ChangeRow] {
        func row(_ field: String, _ from: Value?, _ to: Value) -> ChangeRow {
            ChangeRow(sku: change.sku?.rawValue, field: field, from: from, to: to)
        }
        func duration(_ milliseconds: Int64) -> Value { .text(DurationText.text(milliseconds: milliseconds)) }
        return switch change {
        case .create(let title, let opensAt, let closesAt, let payWithin):
            [
                row("title", nil, .text(title)), row("opens_at", nil, .text("\(opensAt)")), row("closes_at", nil, .text("\(closesAt)")),
                row("pay_within", nil, duration(payWithin)),
            ]
        case .setTitle(let from, let to), .setItemTitle(_, let from, let to): [row("title", .text(from), .text(to))]
        case .setOpensAt(let from, let to): [row("opens_at", .text("\(from)"), .text("\(to)"))]
        case .setClosesAt(let from, let to): [row("closes_at", .text("\(from)"), .text("\(to)"))]
        case .setPayWithin(let from, let to): [row("pay_within", duration(from), duration(to))]
        case .setStatus(let from, let to): [row("status", .text(from.rawValue), .text(to.rawValue))]
        case .addItem(_, let title, let unitPrice, let currency, let stock, let limit):
            [
                row("title", nil, .text(title)), row("unit_price", nil, .number(unitPrice)), row("currency", nil, .text(currency.code)),
                row("stock", nil, .number(stock)), row("limit_per_user", nil, .number(Int64(limit))),
            ]
        case .setPrice(_, let from, let fromCurrency, let to, let toCurrency):
            (from == to ? [] : [row("unit_price", .number(from), .number(to))])
                + (fromCurrency == toCurrency ? [] : [row("currency", .text(fromCurrency.code), .text(toCurrency.code))])
        case .setLimitPerUser(_, let from, let to): [row("limit_per_user", .number(Int64(from)), .number(Int64(to)))]
        case .moveStock(_, let from, let to): [row("stock", .number(from), .number(to))]
        }
    }
}

extension SaleChange {
    /// The item that is changed; `nil` for a change of the sale itself.
    fileprivate var sku: SKU? {
        switch self {
        case .addItem(let sku, _, _, _, _, _), .setItemTitle(let sku, _, _), .setPrice(let sku, _, _, _, _), .setLimitPerUser(let sku, _, _),
            .moveStock(let sku, _, _):
            sku
        case .create, .setTitle, .setOpensAt, .setClosesAt, .setPayWithin, .setStatus: nil
        }
    }
}
