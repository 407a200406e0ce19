import SaleCore
package import SaleService

extension PostgresSessions {
    /// How Postgres is. Statistics of others are shown as far as its user may see them.
    package func standing() async throws(JournalError) -> StoreStandings.Postgres {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            let asked = monotonicNow()
            _ = try session.query(.clock) { $0.timestamp(0, 0) }
            let latency = asked.duration(to: monotonicNow())
            let standbys = try session.query(.replication) { result in
                (0..<result.rowCount).map { row in
                    StoreStandings.Standby(
                        name: result.optionalText(row, 0), state: result.optionalText(row, 1), synchrony: result.optionalText(row, 2),
                        lagBytes: result.isNull(row, 3) ? nil : result.int64(row, 3),
                        lagMilliseconds: result.isNull(row, 4) ? nil : result.int64(row, 4))
                }
            }
            return try session.query(.standing) { result in
                StoreStandings.Postgres(
                    isPrimary: !result.bool(0, 0), takesWrites: result.bool(0, 1), version: result.text(0, 2), databaseBytes: result.int64(0, 3),
                    ordersBytes: result.isNull(0, 4) ? nil : result.int64(0, 4),
                    oldestTransactionMilliseconds: result.isNull(0, 5) ? nil : result.int64(0, 5), standbys: standbys,
                    latencyNanoseconds: latency)
            }
        }
    }
}
