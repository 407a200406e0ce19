package import SaleCore
package import SaleService

extension PostgresCatalog {
    package func news(since position: Int64?, and sales: [SaleID]) async throws(JournalError) -> SaleNews {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            let horizon = try session.query(.saleHorizon) { $0.int64(0, 0) }
            // A database that has not reached the position is another one.
            guard let position, position <= horizon else {
                return SaleNews(position: horizon, sales: try SaleRow.sales(nil, on: session), isWhole: true)
            }
            var parameters = PostgresParameters()
            parameters.int64(position)
            parameters.texts(sales, \.rawValue)
            let changed = try session.query(.changedSales, parameters) { result throws(JournalError) in try SaleRow.readAll(result) }
            return SaleNews(position: horizon, sales: changed, isWhole: false)
        }
    }
}
