package import SaleCore
package import SaleService

extension PostgresCatalog {
    /// - Throws: `failed` with SQLSTATE 02000 when there is no such sale; what `page` throws.
    package func rebuildSnapshot(
        of sale: SaleID, page: @Sendable ([RebuildEntry]) async throws -> Void
    ) async throws -> Sale {
        let session = PostgresSession(address: address, profile: .catalog)
        do {
            let snapshot = try await readSnapshot(of: sale, on: session, page: page)
            await session.close()
            return snapshot
        } catch {
            await session.close()
            throw error
        }
    }

    private func readSnapshot(
        of sale: SaleID, on session: PostgresSession, page: @Sendable ([RebuildEntry]) async throws -> Void
    ) async throws -> Sale {
        try await session.begin(.snapshot)
        guard
            let snapshot = try await session.perform({ (session: isolated PostgresSession) throws(JournalError) in
                try Self.open(sale, on: session)
            })
        else { throw JournalError.failed(reason: "no sale \(sale)", sqlState: SQLState.noData) }
        while true {
            let entries = try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try session.query(.fetchRebuildPage) { result throws(JournalError) in try Self.entries(result) }
            }
            if entries.isEmpty { break }
            try await page(entries)
        }
        try await session.commit()
        return snapshot
    }

    private static func open(_ sale: SaleID, on session: isolated PostgresSession) throws(JournalError) -> Sale? {
        guard let snapshot = try SaleRow.sales(sale, on: session).first else { return nil }
        var parameters = PostgresParameters()
        parameters.text(sale.rawValue)
        try session.run(.openRebuild, parameters)
        return snapshot
    }

    private static func entries(_ result: borrowing PostgresResult) throws(JournalError) -> [RebuildEntry] {
        var entries: [RebuildEntry] = []
        entries.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard let user = UserID(result.text(row, 1)), let sku = SKU(result.text(row, 2)) else { throw .unreadable("an order") }
            entries.append(
                RebuildEntry(
                    order: result.order(row, 0), user: user, sku: sku, quantity: Int(result.int32(row, 3)),
                    key: result.optionalText(row, 4).flatMap { IdempotencyKey($0) }, isLive: result.bool(row, 5)))
        }
        return entries
    }
}
