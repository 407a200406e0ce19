import SaleCore
import SaleService

/// How an order is read.
enum OrderRow {
    static let columns = "id, sale_id, sku, user_id, quantity, unit_price, currency, state, created_at, pay_by, refund_due"
    static let columnCount: Int32 = 11

    /// - Parameter first: the column of the id.
    static func read(_ result: borrowing PostgresResult, _ row: Int, from first: Int32 = 0) throws(JournalError) -> Order {
        guard
            let sale = SaleID(stored: result.text(row, first + 1)), let sku = SKU(stored: result.text(row, first + 2)),
            let user = UserID(result.text(row, first + 3)),
            let currency = Currency(result.text(row, first + 6)), let state = OrderState(rawValue: result.text(row, first + 7))
        else { throw .unreadable("an order") }
        return Order(
            id: result.order(row, first), sale: sale, sku: sku, user: user, quantity: Int(result.int32(row, first + 4)),
            unitPrice: result.int64(row, first + 5), currency: currency, state: state, createdAt: result.timestamp(row, first + 8),
            payBy: result.timestamp(row, first + 9), refundDue: result.bool(row, first + 10))
    }

    static func readAll(_ result: borrowing PostgresResult) throws(JournalError) -> [Order] {
        var orders: [Order] = []
        orders.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount { orders.append(try read(result, row)) }
        return orders
    }
}

extension OrderID {
    /// Above every id that can exist: where a list that runs backwards begins.
    static let last = OrderID(high: .max, low: .max)
    static let first = OrderID(high: 0, low: 0)
}

extension OrderFilter {
    /// Ids carry a node's estimate of the clock by which orders are granted. Milliseconds.
    private static let tolerance: Int64 = 3_600_000

    /// Below the id of every order that it lets pass.
    var idMin: OrderID { since.map { Self.id(at: $0.advanced(milliseconds: -Self.tolerance)) } ?? .first }

    /// Above the id of every order that it lets pass.
    func idMax(before cursor: OrderID?) -> OrderID {
        min(cursor ?? .last, until.map { Self.id(at: $0.advanced(milliseconds: Self.tolerance)) } ?? .last)
    }

    private static func id(at instant: Timestamp) -> OrderID {
        OrderID(high: UInt64(min(max(instant.milliseconds, 0), 1 << 48 - 1)) << 16, low: 0)
    }
}
