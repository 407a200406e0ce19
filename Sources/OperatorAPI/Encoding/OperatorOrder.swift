package import SaleCore
package import SaleService

/// An order as operators see it, over REST and in the command line: as its owner does, with the
/// owner.
package struct OperatorOrder: Encodable, Sendable {
    private enum CodingKeys: String, CodingKey {
        case id, sale, sku, user, quantity, currency, state, received, refunded
        case unitPrice = "unit_price"
        case createdAt = "created_at"
        case payBy = "pay_by"
        case refundDue = "refund_due"
        case refundDueAmount = "refund_due_amount"
    }

    package let id: String
    package let sale: String
    package let sku: String
    package let user: String
    package let quantity: Int
    package let unitPrice: Int64
    package let currency: String
    package let state: String
    package let createdAt: String
    package let payBy: String
    package let refundDue: Bool
    /// Money that was received, that went back, and that must go back, in the currency's minor
    /// unit; `nil` where nobody looked.
    package private(set) var received: Int64?
    package private(set) var refunded: Int64?
    package private(set) var refundDueAmount: Int64?

    package init(_ order: Order) {
        (id, sale, sku, user) = ("\(order.id)", order.sale.rawValue, order.sku.rawValue, order.user.rawValue)
        (quantity, unitPrice, currency, state) = (order.quantity, order.unitPrice, order.currency.code, order.state.rawValue)
        (createdAt, payBy, refundDue) = ("\(order.createdAt)", "\(order.payBy)", order.refundDue)
    }

    package init(_ order: Order, _ money: OrderMoney?) {
        self.init(order)
        (received, refunded, refundDueAmount) = (money?.received, money?.refunded, money?.due(on: order))
    }
}

/// Orders as rows of CSV.
enum OrderCSV {
    static let header = CSVLine.text(
        [
            "id", "sale", "sku", "user", "quantity", "unit_price", "currency", "state", "refund_due", "created_at", "pay_by", "received", "refunded",
            "refund_due_amount",
        ].map { ($0, false) })

    static func line(_ order: OperatorOrder) -> String {
        CSVLine.text([
            (order.id, false), (order.sale, false), (order.sku, false), (order.user, false), ("\(order.quantity)", true),
            ("\(order.unitPrice)", true), (order.currency, false), (order.state, false), ("\(order.refundDue)", false), (order.createdAt, false),
            (order.payBy, false), (number(order.received), true), (number(order.refunded), true), (number(order.refundDueAmount), true),
        ])
    }

    private static func number(_ value: Int64?) -> String { value.map(String.init) ?? "" }
}
