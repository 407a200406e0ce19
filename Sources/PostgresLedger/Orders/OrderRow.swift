import SaleCore
import SaleService

/// How an order is read.
enum OrderRow {
    static let columns = "id, sale_id, sku, user_id, quantity, unit_price, currency, state, created_at, pay_by, refund_due"
    static let columnCount: Int32 = 11

    static func read(_ result: borrowing PostgresResult, _ row: Int) throws(JournalError) -> Order {
        guard
            let sale = SaleID(stored: result.text(row, 1)), let sku = SKU(stored: result.text(row, 2)), let user = UserID(result.text(row, 3)),
            let currency = Currency(result.text(row, 6)), let state = OrderState(rawValue: result.text(row, 7))
        else { throw .unreadable("an order") }
        return Order(
            id: result.order(row, 0), sale: sale, sku: sku, user: user, quantity: Int(result.int32(row, 4)),
            unitPrice: result.int64(row, 5), currency: currency, state: state, createdAt: result.timestamp(row, 8),
            payBy: result.timestamp(row, 9), refundDue: result.bool(row, 10))
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
}
