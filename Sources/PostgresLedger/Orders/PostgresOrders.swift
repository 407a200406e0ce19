package import SaleCore
package import SaleService

/// Reads committed orders, and tells only of those that a synchronous standby has, too. Buyers
/// looking at their orders never wait behind a writer.
package struct PostgresOrders: OrderReader {
    private let sessions: PostgresSessions

    package init(sessions: PostgresSessions) {
        self.sessions = sessions
    }

    package init(address: PostgresAddress, sessionCount: Int = Limits.postgresSessionsShared) {
        self.init(sessions: PostgresSessions(address: address, sharedCount: sessionCount))
    }

    package func order(_ id: OrderID) async throws(JournalError) -> Order? {
        try await sessions.confirmed { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.order(id)
            return try session.look(.orderByID, parameters) { result throws(JournalError) in try OrderRow.readAll(result).first }
        }
    }

    package func verdict(on id: OrderID) async throws(JournalError) -> CommitVerdict? {
        try await sessions.confirmed { (session: isolated PostgresSession) throws(JournalError) in try FoundOrders.find([id], on: session)[id] }
    }

    package func orders(of user: UserID, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order] {
        try await sessions.confirmed { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(user.rawValue)
            parameters.order(cursor ?? .last)
            parameters.int64(Int64(countMax))
            return try session.look(.ordersOfUser, parameters) { result throws(JournalError) in try OrderRow.readAll(result) }
        }
    }

    package func ping() async -> JournalError? {
        do {
            let takesWrites = try await sessions.pool.perform { (session: isolated PostgresSession) throws(JournalError) in
                try session.query(.ping) { $0.bool(0, 0) }
            }
            return takesWrites ? nil : .unavailable(reason: PostgresStanding.readOnly)
        } catch {
            return error
        }
    }
}

extension PostgresOrders: StockCounting {
    package func totals(of sales: [SaleID]) async throws(JournalError) -> [SaleID: StockTotals] {
        try await sessions.pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.texts(sales) { $0.rawValue }
            return try session.query(.stockTotals, parameters) { result in
                var totals: [SaleID: StockTotals] = [:]
                for row in 0..<result.rowCount {
                    guard let id = SaleID(result.text(row, 0)) else { continue }
                    totals[id] = StockTotals(loaded: result.int64(row, 1), committed: result.int64(row, 2), moves: result.int64(row, 3))
                }
                return totals
            }
        }
    }
}

extension PostgresOrders: ItemCounting {
    package func units(of items: [ItemName]) async throws(JournalError) -> [ItemName: ItemUnits] {
        try await sessions.pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.texts(items) { $0.sale.rawValue }
            parameters.texts(items) { $0.sku.rawValue }
            return try session.query(.itemUnits, parameters) { result in
                Self.byItem(result) { ItemUnits(loaded: result.int64($0, 2), committed: result.int64($0, 3)) }
            }
        }
    }

    package func endedUnits(of sales: [SaleID]) async throws(JournalError) -> [ItemName: EndedUnits] {
        try await sessions.pool.perform(as: .catalog) { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.texts(sales) { $0.rawValue }
            return try session.query(.endedUnits, parameters) { result in
                Self.byItem(result) { EndedUnits(paid: result.int64($0, 2), returned: result.int64($0, 3)) }
            }
        }
    }

    private static func byItem<Value>(_ result: borrowing PostgresResult, _ read: (Int) -> Value) -> [ItemName: Value] {
        var values: [ItemName: Value] = [:]
        for row in 0..<result.rowCount {
            guard let sale = SaleID(stored: result.text(row, 0)), let sku = SKU(stored: result.text(row, 1)) else { continue }
            values[ItemName(sale: sale, sku: sku)] = read(row)
        }
        return values
    }
}
