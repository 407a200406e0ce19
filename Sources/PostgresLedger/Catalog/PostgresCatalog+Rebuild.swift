package import SaleCore
package import SaleService

extension PostgresCatalog {
    /// Everything that was paged is confirmed when it returns: Redis must not count orders that a
    /// successor of this Postgres lacks.
    ///
    /// - Throws: `failed` with SQLSTATE 02000 when there is no such sale; what `page` throws.
    package func rebuildSnapshot(
        of sale: SaleID, page: @Sendable ([RebuildEntry]) async throws -> Void
    ) async throws -> Sale {
        try await sessions.pool.borrow(as: .catalog, waitMax: Self.snapshotWaitMax) { session in
            do {
                return try await readSnapshot(of: sale, on: session, page: page)
            } catch {
                await session.rollback()
                throw error
            }
        }
    }

    /// Snapshots take turns, each as long as it takes to tell Redis of a sale's orders.
    private static let snapshotWaitMax = Duration.seconds(60)

    private func readSnapshot(
        of sale: SaleID, on session: PostgresSession, page: @Sendable ([RebuildEntry]) async throws -> Void
    ) async throws -> Sale {
        try await session.begin(.snapshot)
        let opened = try await session.observe { (session: isolated PostgresSession) throws(JournalError) in
            try Self.open(sale, on: session)
        }
        guard let snapshot = opened.value else { throw JournalError.failed(reason: "no sale \(sale)", sqlState: SQLState.noData) }
        while true {
            let entries = try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try session.query(.fetchRebuildPage) { result throws(JournalError) in try Self.entries(result) }
            }
            if entries.isEmpty { break }
            try await page(entries)
        }
        try await session.commit()
        try await sessions.confirmation.confirm(opened.sight, waitMax: PostgresSessions.confirmationWait)
        return snapshot
    }

    private static func open(_ sale: SaleID, on session: isolated PostgresSession) throws(JournalError) -> Sale? {
        guard let snapshot = try SaleRow.sales(sale, on: session).first else { return nil }
        var parameters = PostgresParameters()
        parameters.text(sale.rawValue)
        try session.look(.standbys, PostgresParameters()) { _ in }
        try session.run(.openRebuild, parameters)
        return snapshot
    }

    private static func entries(_ result: borrowing PostgresResult) throws(JournalError) -> [RebuildEntry] {
        var entries: [RebuildEntry] = []
        entries.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard let user = UserID(result.text(row, 1)), let sku = SKU(stored: result.text(row, 2)) else { throw .unreadable("an order") }
            entries.append(
                RebuildEntry(
                    order: result.order(row, 0), user: user, sku: sku, quantity: Int(result.int32(row, 3)),
                    key: result.optionalText(row, 4).flatMap { IdempotencyKey($0) }, isLive: result.bool(row, 5)))
        }
        return entries
    }
}
