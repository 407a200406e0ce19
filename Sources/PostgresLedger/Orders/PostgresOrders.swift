package import SaleCore
package import SaleService

/// Reads committed orders over a few sessions of its own, so that buyers looking at their orders never wait behind the writer.
package struct PostgresOrders: OrderReader {
    private let pool: PostgresPool

    package init(address: PostgresAddress, sessionCount: Int = 4) {
        pool = PostgresPool(address: address, profile: .reader, sessionCount: sessionCount)
    }

    package func order(_ id: OrderID) async throws(JournalError) -> Order? {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.order(id)
            return try session.query(.orderByID, parameters) { result throws(JournalError) in try OrderRow.readAll(result).first }
        }
    }

    package func verdict(on id: OrderID) async throws(JournalError) -> CommitVerdict? {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in try FoundOrders.find([id], on: session)[id] }
    }

    package func orders(of user: UserID, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order] {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(user.rawValue)
            parameters.order(cursor ?? .last)
            parameters.int64(Int64(countMax))
            return try session.query(.ordersOfUser, parameters) { result throws(JournalError) in try OrderRow.readAll(result) }
        }
    }

    package func ping() async -> JournalError? {
        do {
            try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in _ = try session.run(.ping) }
            return nil
        } catch {
            return error
        }
    }
}
