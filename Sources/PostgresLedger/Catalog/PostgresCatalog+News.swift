package import SaleCore
package import SaleService

extension PostgresCatalog {
    package func news(since position: Int64?, and sales: [SaleID]) async throws(JournalError) -> SaleNews {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.int64(position)
            parameters.texts(sales, \.rawValue)
            return try session.query(.saleNews, parameters) { result throws(JournalError) in
                guard result.rowCount > 0 else { throw .unreadable("what is new of the sales") }
                return SaleNews(position: result.int64(0, 0), sales: try SaleRow.readAll(result, from: 2), isWhole: result.bool(0, 1))
            }
        }
    }
}
