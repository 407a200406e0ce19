import OperatorAPI
import SaleCore

/// Orders as a list.
extension OperatorOrder: Listed {
    static var plural: String { "orders" }
    static var columns: [Column<OperatorOrder>] {
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

    private var price: String { Currency(currency).map { Money.text(unitPrice, $0) } ?? String(unitPrice) }
}
