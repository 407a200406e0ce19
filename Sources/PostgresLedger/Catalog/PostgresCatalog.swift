package import SaleCore
package import SaleService

/// Sales, stock and epochs in Postgres, for the service's own work and for operators.
package struct PostgresCatalog: OperatorLedger {
    let sessions: PostgresSessions
    let repairs: RepairLocks
    var address: PostgresAddress { sessions.address }

    package init(sessions: PostgresSessions) {
        self.sessions = sessions
        repairs = RepairLocks(pool: sessions.pool)
    }

    package init(address: PostgresAddress) {
        self.init(sessions: PostgresSessions(address: address))
    }

    /// Nobody waits for an answer as a buyer does.
    static let waitMax = Duration.seconds(10)

    /// Runs `body` on a free session.
    func perform<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await sessions.pool.perform(as: .catalog, waitMax: Self.waitMax, body)
    }

    package func migrate() async throws(JournalError) {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in try session.script(Schema.sql) }
    }

    package func sales() async throws(JournalError) -> [Sale] {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in try SaleRow.sales(nil, on: session) }
    }

    package func sale(_ id: SaleID) async throws(JournalError) -> Sale? {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in try SaleRow.sales(id, on: session).first }
    }

    /// - Throws: `failed` with SQLSTATE 02000 when there is no such sale.
    package func beginEpoch(of sale: SaleID) async throws(JournalError) -> Epoch {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(sale.rawValue)
            return try session.query(.beginEpoch, parameters) { result throws(JournalError) in
                guard result.rowCount == 1 else { throw .failed(reason: "no sale \(sale)", sqlState: SQLState.noData) }
                return Epoch(result.int64(0, 0))
            }
        }
    }

    package func proveEpoch(_ epoch: Epoch, of sale: SaleID, run: String) async throws(JournalError) -> Bool {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(sale.rawValue)
            parameters.int64(epoch.number)
            parameters.text(run)
            return try session.run(.proveEpoch, parameters) == 1
        }
    }

    package func orders(_ filter: OrderFilter, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order] {
        try await sessions.confirmed(as: .catalog, waitMax: Self.waitMax) { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(filter.sale?.rawValue)
            parameters.text(filter.user?.rawValue)
            parameters.texts(filter.states.map(\.rawValue).sorted()) { $0 }
            parameters.bool(filter.isRefundDue)
            parameters.order(filter.idMin)
            parameters.order(filter.idMax(before: cursor))
            parameters.timestamp(filter.since)
            parameters.timestamp(filter.until)
            parameters.int64(Int64(countMax))
            return try session.look(.ordersOfFilter, parameters) { result throws(JournalError) in try OrderRow.readAll(result) }
        }
    }

    package func auditFigures(of sale: SaleID) async throws(JournalError) -> [SKU: AuditFigures] {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(sale.rawValue)
            return try session.query(.auditFigures, parameters) { result throws(JournalError) in
                var figures: [SKU: AuditFigures] = [:]
                for row in 0..<result.rowCount {
                    guard let sku = SKU(stored: result.text(row, 0)) else { throw .unreadable("an item") }
                    figures[sku] = AuditFigures(
                        loaded: result.int64(row, 1), committed: result.int64(row, 2), inLiveOrders: result.int64(row, 3),
                        limitPerUser: Int(result.int32(row, 4)), usersOverLimit: result.int64(row, 5))
                }
                return figures
            }
        }
    }

    package func pendingMoves(of sale: SaleID) async throws(JournalError) -> [StockMove] {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(sale.rawValue)
            return try session.query(.movesOfSale, parameters) { result throws(JournalError) in try StockMoveRow.readAll(result) }
        }
    }

    package func recorded(_ ids: [OrderID]) async throws(JournalError) -> Set<OrderID> {
        guard !ids.isEmpty else { return [] }
        return try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.orders(ids) { $0 }
            return try session.query(.recordedOrders, parameters) { result in
                Set((0..<result.rowCount).map { result.order($0, 0) })
            }
        }
    }
}
