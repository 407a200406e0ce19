import SaleCore
import SaleService

/// How sales are read: one row per item, in the order of sale and SKU; a sale without items has one
/// row with null items.
enum SaleRow {
    static let columns = """
        sales.id, sales.title, sales.status, sales.opens_at, sales.closes_at, sales.pay_within_ms, sales.version, sales.epoch, sales.proven_run, \
        stock.sku, stock.title, stock.unit_price, stock.currency, stock.loaded, stock.committed, stock.limit_per_user, stock.version, \
        stock.last_move
        """

    static func readAll(_ result: borrowing PostgresResult) throws(JournalError) -> [Sale] {
        var sales: [Sale] = []
        for row in 0..<result.rowCount {
            if sales.last?.id.rawValue != result.text(row, 0) { sales.append(try sale(result, row)) }
            if !result.isNull(row, 9) { sales[sales.count - 1].items.append(try item(result, row)) }
        }
        return sales
    }

    private static func sale(_ result: borrowing PostgresResult, _ row: Int) throws(JournalError) -> Sale {
        guard let id = SaleID(stored: result.text(row, 0)), let status = SaleStatus(rawValue: result.text(row, 2)) else {
            throw .unreadable("a sale")
        }
        return Sale(
            id: id, title: result.text(row, 1), status: status, opensAt: result.timestamp(row, 3), closesAt: result.timestamp(row, 4),
            payWithinMilliseconds: result.int64(row, 5), version: result.int64(row, 6), epoch: Epoch(result.int64(row, 7)),
            provenRun: result.text(row, 8), items: [])
    }

    private static func item(_ result: borrowing PostgresResult, _ row: Int) throws(JournalError) -> SaleItem {
        guard let sku = SKU(stored: result.text(row, 9)), let currency = Currency(result.text(row, 12)) else { throw .unreadable("an item") }
        return SaleItem(
            sku: sku, title: result.text(row, 10), unitPrice: result.int64(row, 11), currency: currency, loaded: result.int64(row, 13),
            committed: result.int64(row, 14), limitPerUser: Int(result.int32(row, 15)), version: result.int64(row, 16),
            lastMove: result.int64(row, 17))
    }

    /// Reads `id`, or every sale when it is `nil`.
    static func sales(_ id: SaleID?, on session: isolated PostgresSession) throws(JournalError) -> [Sale] {
        var parameters = PostgresParameters()
        parameters.text(id?.rawValue)
        return try session.query(.sales, parameters) { result throws(JournalError) in try readAll(result) }
    }
}
