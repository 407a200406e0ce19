import SaleCore

/// An order as operators see it: as its owner does, with the owner.
struct OrderReport: Listed {
    private enum CodingKeys: String, CodingKey {
        case id, sale, sku, user, quantity, currency, state
        case unitPrice = "unit_price"
        case createdAt = "created_at"
        case payBy = "pay_by"
        case refundDue = "refund_due"
    }

    static let plural = "orders"
    static var columns: [Column<OrderReport>] {
        [
            Column("id") { $0.id },
            Column("sale", isWide: true) { $0.sale },
            Column("sku", isFlexible: true) { $0.sku },
            Column("user", isFlexible: true) { $0.user },
            Column("quantity", "QTY", .right) { String($0.quantity) },
            Column("unit_price", .none, .right, isWide: true, data: { String($0.unitPrice) }) { $0.price },
            Column("currency", isWide: true) { $0.currency },
            Column("state") { $0.state },
            Column("refund_due", "REFUND", isWide: true, data: { String($0.refundDue) }) { $0.refundDue ? "due" : "" },
            Column("created_at", "CREATED", isWide: true) { $0.createdAt },
            Column("pay_by", isWide: true) { $0.payBy },
        ]
    }

    var name: String { id }

    let id: String
    let sale: String
    let sku: String
    let user: String
    let quantity: Int
    let unitPrice: Int64
    let currency: String
    let state: String
    let createdAt: String
    let payBy: String
    let refundDue: Bool

    init(_ order: Order) {
        id = "\(order.id)"
        sale = order.sale.rawValue
        sku = order.sku.rawValue
        user = order.user.rawValue
        quantity = order.quantity
        unitPrice = order.unitPrice
        currency = order.currency.code
        state = order.state.rawValue
        createdAt = "\(order.createdAt)"
        payBy = "\(order.payBy)"
        refundDue = order.refundDue
    }

    private var price: String { Currency(currency).map { Money.text(unitPrice, $0) } ?? String(unitPrice) }
}
