import SaleCore
import SaleService

/// How a stock move is read.
enum StockMoveRow {
    static let columns = "sale_id, sku, number, kind, order_id, user_id, quantity, idempotency_key, epoch"

    static func readAll(_ result: borrowing PostgresResult) throws(JournalError) -> [StockMove] {
        var moves: [StockMove] = []
        moves.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard
                let sale = SaleID(stored: result.text(row, 0)), let sku = SKU(stored: result.text(row, 1)),
                let kind = StockMove.Kind(rawValue: result.text(row, 3)), let user = UserID(result.text(row, 5))
            else { throw .unreadable("a stock move") }
            moves.append(
                StockMove(
                    sale: sale, sku: sku, number: result.int64(row, 2), kind: kind, order: result.order(row, 4), user: user,
                    quantity: Int(result.int32(row, 6)), key: result.optionalText(row, 7).flatMap { IdempotencyKey($0) },
                    epoch: Epoch(result.int64(row, 8))))
        }
        return moves
    }
}
