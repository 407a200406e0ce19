import OperatorAPI
import SaleCore

/// Orders as a list.
extension OperatorOrder: Listed {
    static var plural: String { "orders" }
    static var columns: [Column<OperatorOrder>] {
        [
            Column("id") { $0.id },
            Column("sale", isWide: true, isFlexible: true) { $0.sale },
            Column("sku", isFlexible: true) { $0.sku },
            Column("user", isFlexible: true) { $0.user },
            Column("quantity", "QTY", .right) { String($0.quantity) },
            Column("unit_price", .none, .right, isWide: true, data: { String($0.unitPrice) }) { $0.price },
            Column("currency", isWide: true) { $0.currency },
            Column("state") { $0.state },
            Column("refund_due", "REFUND", isWide: true, data: { String($0.refundDue) }) { $0.refundDue ? "due" : "" },
            Column("created_at", "CREATED", isWide: true) { $0.createdAt },
            Column("pay_by", isWide: true) { $0.payBy },
            Column("received", .none, .right, isWide: true, data: { Self.number($0.received) }) { $0.money($0.received) },
            Column("refunded", .none, .right, isWide: true, data: { Self.number($0.refunded) }) { $0.money($0.refunded) },
            Column("refund_due_amount", "DUE", .right, isWide: true, data: { Self.number($0.refundDueAmount) }) { $0.money($0.refundDueAmount) },
        ]
    }

    /// What a table of those whose money must go back shows.
    static let workListKeys = ["id", "sale", "user", "refund_due_amount", "currency"]

    var name: String { id }

    private var price: String { money(unitPrice) }

    private func money(_ minor: Int64?) -> String { minor.map { minor in Currency(currency).map { Money.text(minor, $0) } ?? String(minor) } ?? "" }

    private static func number(_ minor: Int64?) -> String { minor.map(String.init) ?? "" }
}
