import SaleCore
import SaleService

/// An order as operators see it: as its owner does, with the owner.
struct OperatorOrder: Encodable {
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
        (id, sale, sku, user) = ("\(order.id)", order.sale.rawValue, order.sku.rawValue, order.user.rawValue)
        (quantity, unitPrice, currency, state) = (order.quantity, order.unitPrice, order.currency.code, order.state.rawValue)
        (createdAt, payBy, refundDue) = ("\(order.createdAt)", "\(order.payBy)", order.refundDue)
    }
}

/// Orders as rows of CSV (RFC 4180).
enum OrderCSV {
    static let header = "id,sale,sku,user,quantity,unit_price,currency,state,refund_due,created_at,pay_by\r\n"

    static func line(_ order: OperatorOrder) -> String {
        let cells = [
            order.id, order.sale, order.sku, text(order.user), "\(order.quantity)", "\(order.unitPrice)", order.currency, order.state,
            "\(order.refundDue)", order.createdAt, order.payBy,
        ]
        return cells.joined(separator: ",") + "\r\n"
    }

    /// A user's id is the one cell that a stranger chose: a spreadsheet must take it for text and
    /// never for a formula.
    private static func text(_ cell: String) -> String {
        let guarded = cell.first.map { "=+-@".contains($0) } == true ? "'" + cell : cell
        return guarded.contains { $0 == "\"" || $0 == "," } ? "\"" + guarded.replacing("\"", with: "\"\"") + "\"" : guarded
    }
}
