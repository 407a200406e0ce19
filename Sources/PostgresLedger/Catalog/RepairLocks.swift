import SaleCore
import SaleService
import Synchronization

/// The locks of the sales that this process repairs. However many there are, they need one session
/// of the pool, and while there are none they need none.
final class RepairLocks: Sendable {
    private struct Holder {
        var session: PostgresSession
        var count: Int
    }

    private let pool: PostgresPool
    private let holder = Mutex<Holder?>(nil)
    private let turns = Turnstile(places: 1)

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Returns: those of `sales` whose locks it took.
    func take(_ sales: [SaleID]) async throws(JournalError) -> [SaleID] {
        try await turns.pass { () async throws(JournalError) in
            let session = try await self.session()
            do throws(JournalError) {
                let taken = try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                    try session.query(.tryLockSales, Self.keys(of: sales)) { result in
                        (0..<result.rowCount).map { sales[Int(result.int64($0, 0)) - 1] }
                    }
                }
                self.count(taken.count)
                return taken
            } catch {
                // What it took must not outlive a reply that nobody read.
                await session.close()
                self.count(0)
                throw error
            }
        }
    }

    func giveBack(_ sales: [SaleID]) async {
        await turns.pass { () async in
            guard let session = self.holder.withLock({ $0?.session }) else { return }
            do throws(JournalError) {
                _ = try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                    try session.run(.unlockSales, Self.keys(of: sales))
                }
            } catch {
                await session.close()
            }
            self.count(-sales.count)
        }
    }

    private func session() async throws(JournalError) -> PostgresSession {
        if let session = holder.withLock({ $0?.session }) { return session }
        let session = try await pool.keep(as: .lock, waitMax: PostgresCatalog.waitMax)
        holder.withLock { $0 = Holder(session: session, count: 0) }
        return session
    }

    /// So many locks more; with the last one the session goes back.
    private func count(_ change: Int) {
        let free = holder.withLock { holder -> PostgresSession? in
            holder?.count += change
            guard let held = holder, held.count <= 0 else { return nil }
            holder = nil
            return held.session
        }
        if let free { pool.giveBack(free) }
    }

    private static func keys(of sales: [SaleID]) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.int64s(sales) { $0.lockKey }
        return parameters
    }
}
