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

    private static let pageEntriesMax = 2_000

    private func readSnapshot(
        of sale: SaleID, on session: PostgresSession, page: @Sendable ([RebuildEntry]) async throws -> Void
    ) async throws -> Sale {
        try await session.begin(.snapshot)
        guard
            let snapshot = try await session.perform({ (session: isolated PostgresSession) throws(JournalError) in
                try SaleRow.sales(sale, on: session).first
            })
        else { throw JournalError.failed(reason: "no sale \(sale)", sqlState: SQLState.noData) }
        var last = OrderID.first
        while true {
            let after = last
            let entries = try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try Self.readPage(of: sale, after: after, on: session)
            }
            if !entries.isEmpty { try await page(entries) }
            guard entries.count == Self.pageEntriesMax, let newest = entries.last else { break }
            last = newest.order
        }
        try await session.commit()
        return snapshot
    }

    private static func readPage(
        of sale: SaleID, after last: OrderID, on session: isolated PostgresSession
    ) throws(JournalError) -> [RebuildEntry] {
        var parameters = PostgresParameters()
        parameters.text(sale.rawValue)
        parameters.order(last)
        parameters.int64(Int64(pageEntriesMax))
        return try session.query(.rebuildPage, parameters) { result throws(JournalError) in
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
}
