import PostgresLedger
import SaleCore
import SaleService
import Testing

@Suite(.timeLimit(.minutes(2))) struct OrdersTests {
    @Test func aUsersOrdersComeNewestFirstAndPageByPage() async throws {
        try await withLedger(stock: 99, limit: 9) { ledger in
            _ = try await ledger.journal().commit((1...5).map { reservation($0, user: "ann") } + [reservation(6, user: "bob")])
            let orders = PostgresOrders(address: ledger.address)
            let ann = UserID("ann")!
            let first = try await orders.orders(of: ann, before: nil, countMax: 3)
            #expect(first.map(\.id) == [5, 4, 3].map { reservation($0).order })
            let second = try await orders.orders(of: ann, before: first[2].id, countMax: 3)
            #expect(second.map(\.id) == [2, 1].map { reservation($0).order })
        }
    }

    @Test func anOrderThatIsNotThereIsNil() async throws {
        try await withLedger(stock: 1) { (ledger) async throws in
            #expect(try await PostgresOrders(address: ledger.address).order(reservation(1).order) == nil)
        }
    }

    @Test func moreReadersThanSessionsTakeTurns() async throws {
        try await withLedger(stock: 9) { ledger in
            let pool = PostgresPool(address: ledger.address, profile: .orders, sessionCount: 2, waitMax: .seconds(60))
            let pid = Statement("pid", "SELECT pg_backend_pid()")
            let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 1...50 {
                    group.addTask {
                        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
                            try session.query(pid) { $0.int32(0, 0) }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(pids.count == 50)
            #expect((1...2).contains(Set(pids).count))
        }
    }

    @Test func aReaderThatFindsNoSessionInTimeIsRefused() async throws {
        try await withLedger(stock: 9) { ledger in
            let pool = PostgresPool(address: ledger.address, profile: .catalog, sessionCount: 1, waitMax: .milliseconds(50))
            let lock = Statement("lock", "SELECT pg_advisory_lock(7)")
            try await ledger.session.script(lock.sql)
            async let slow: Void = pool.perform { (session: isolated PostgresSession) throws(JournalError) in _ = try session.run(lock) }
            try await ledger.wait(until: LedgerUnderTest.somebodyWaitsForALock)
            await #expect(throws: JournalError.unavailable(reason: "every database session is busy")) {
                try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in _ = try session.run(.init("one", "SELECT 1")) }
            }
            try await ledger.session.script("SELECT pg_advisory_unlock(7)")
            try await slow
        }
    }

    @Test func aPingOfALivingServerIsNil() async throws {
        try await withLedger(stock: 1) { (ledger) async throws in #expect(await PostgresOrders(address: ledger.address).ping() == nil) }
    }
}
