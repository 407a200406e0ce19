import SaleCore

/// An order as operators see it: as its owner does, with the owner.
struct OrderReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, sale, sku, user, quantity, currency, state
        case unitPrice = "unit_price"
        case createdAt = "created_at"
        case payBy = "pay_by"
        case refundDue = "refund_due"
    }

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

    static func print(_ orders: [OrderReport]) {
        var table = TextTable(
            ("ID", .left), ("SALE", .left), ("SKU", .left), ("USER", .left), ("QUANTITY", .right), ("STATE", .left), ("CREATED", .left),
            ("PAY BY", .left))
        for order in orders {
            table.add(
                order.id, order.sale, order.sku, order.user, String(order.quantity), order.state + (order.refundDue ? " (refund due)" : ""),
                order.createdAt, order.payBy)
        }
        table.print()
    }
}
