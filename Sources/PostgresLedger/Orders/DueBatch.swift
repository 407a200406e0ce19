import SaleCore
import SaleService

/// A batch of which orders may be due, as `unpaid_batches` has it.
struct DueBatch {
    static let columns = "pay_by, first_order, last_order, sale_id, sku"

    /// Part of the key, to the microsecond.
    private var payBy: Int64
    private var first: OrderID
    private var last: OrderID
    private var sale: String
    private var sku: String

    /// At most `countMax`, the one that is due first before the others.
    static func due(countMax: Int, on session: isolated PostgresSession) throws(JournalError) -> [DueBatch] {
        var parameters = PostgresParameters()
        parameters.int64(Int64(countMax))
        return try session.query(.dueBatches, parameters) { result in
            (0..<result.rowCount).map { row in
                DueBatch(
                    payBy: result.int64(row, 0), first: result.order(row, 1), last: result.order(row, 2), sale: result.text(row, 3),
                    sku: result.text(row, 4))
            }
        }
    }

    /// Ends at most `countMax` of its orders.
    func expire(countMax: Int, on session: isolated PostgresSession) throws(JournalError) -> Int {
        var parameters = PostgresParameters()
        parameters.int64(Int64(countMax))
        parameters.order(first)
        parameters.order(last)
        parameters.text(sale)
        parameters.text(sku)
        return try session.query(.expireBatch, parameters) { $0.rowCount }
    }

    /// Of each of `batches`, all that is due was ended, or is somebody else's at this moment.
    static func close(_ batches: [DueBatch], on session: isolated PostgresSession) throws(JournalError) {
        guard !batches.isEmpty else { return }
        var parameters = PostgresParameters()
        parameters.timestamps(microseconds: batches, \.payBy)
        parameters.orders(batches, \.first)
        try session.run(.closeBatches, parameters)
    }
}
