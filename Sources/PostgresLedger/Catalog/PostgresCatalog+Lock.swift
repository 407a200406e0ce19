package import SaleCore
package import SaleService

extension PostgresCatalog {
    package func withLock<Value: Sendable>(on sale: SaleID, _ body: @Sendable () async throws -> Value) async throws -> Value {
        try await sessions.pool.borrow(as: .lock, waitMax: Self.waitMax) { session in
            do {
                try await takeLock(of: sale, on: session)
                let value = try await body()
                await session.close()
                return value
            } catch {
                await session.close()
                throw error
            }
        }
    }

    package func tryLock(_ sales: [SaleID]) async throws(JournalError) -> [SaleID] {
        try await repairs.take(sales)
    }

    package func unlock(_ sales: [SaleID]) async {
        await repairs.giveBack(sales)
    }

    /// Postgres does the waiting, a second at a time, so that a cancelled task stops waiting soon.
    private func takeLock(of sale: SaleID, on session: PostgresSession) async throws {
        while true {
            try Task.checkCancellation()
            do throws(JournalError) {
                try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                    var parameters = PostgresParameters()
                    parameters.int64(sale.lockKey)
                    _ = try session.run(.lockSale, parameters)
                }
                return
            } catch {
                guard error.hasState(SQLState.lockNotAvailable) else { throw error }
            }
        }
    }
}

extension SaleID {
    /// The sale's advisory lock: FNV-1a over its name. Two sales that share one merely wait for
    /// each other.
    var lockKey: Int64 {
        let hash = "seckill.sale.\(rawValue)".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}
