import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// What runs per purchase, per page or per sweep reads `orders` by an index. Plans are those that
/// the sessions use: generic for hot statements.
@Suite(.timeLimit(.minutes(3))) struct ExplainTests {
    /// With the index that each must use; a statement that only inserts reads `orders` by none.
    private static let generic: [(Statement, String?)] = [
        (.findOrders, "orders_pkey"), (.orderByID, "orders_pkey"), (.ordersOfUser, "orders_of_user"), (.readHoldings, "orders_of_user"),
        (.readKeys, "orders_idempotency_key"), (.recordedOrders, "orders_pkey"), (.insertOrdersOfItem, nil), (.takeUnits, "orders_pkey"),
        (.enterDeadline, "orders_pkey"), (.closeBatches, "orders_pkey"),
        (.commitItem, nil), (.commitNewOrders, nil), (.commitOrders, nil), (.recordRejected, nil),
    ]

    @Test func hotStatementsReadOrdersByAnIndex() async throws {
        try await withLedger(stock: 100_000) { ledger in
            let journal = ledger.journal()
            for batch in 0..<20 {
                _ = try await journal.commit((batch * 1_000..<(batch + 1) * 1_000).map { reservation($0, key: $0 % 2 == 0 ? "k-\($0)" : nil) })
            }
            try await ledger.session.script("ANALYZE; SET plan_cache_mode = force_generic_plan")
            for (statement, index) in Self.generic {
                let plan = try await plan(of: statement, ledger)
                #expect(!plan.contains("Seq Scan on orders"), "\(statement.name)\n\(plan)")
                if let index { #expect(plan.contains(index), "\(statement.name)\n\(plan)") }
            }
        }
    }

    /// A generic plan is kept: one that was made before the first order must do for the millionth,
    /// until statistics come.
    @Test(arguments: [SessionProfile.journal, .orders])
    func aPlanMadeWhileThereAreNoOrdersReadsThemByAnIndexToo(profile: SessionProfile) async throws {
        try await withLedger(stock: 1) { ledger in
            let early = LedgerUnderTest(address: ledger.address, profile: profile)
            for (statement, index) in Self.generic {
                let plan = try await plan(of: statement, early)
                #expect(!plan.contains("Seq Scan on orders"), "\(statement.name)\n\(plan)")
                if let index { #expect(plan.contains(index), "\(statement.name)\n\(plan)") }
            }
        }
    }

    /// What reads a whole small table counts as dear where tables are to be read by an index, and
    /// dear plans are compiled unless that is off.
    @Test(arguments: [SessionProfile.journal, .orders, .catalog, .probe])
    func noPlanIsCompiled(profile: SessionProfile) async throws {
        try await withLedger(stock: 1) { ledger in
            let session = LedgerUnderTest(address: ledger.address, profile: profile)
            let plan = try await session.lines("EXPLAIN SELECT count(*) FROM sales WHERE title LIKE '%x%'").joined(separator: "\n")
            #expect(!plan.contains("JIT"), "\(plan)")
            #expect(try await session.lines("SHOW jit") == ["off"])
            try await session.session.script("SET jit = on; SET enable_seqscan = off")
            let dear = try await session.lines("EXPLAIN SELECT count(*) FROM sales WHERE title LIKE '%x%'").joined(separator: "\n")
            #expect(dear.contains("JIT"), "\(dear)")
        }
    }

    /// Statements that find an order by its id, and must not look for it among all that await
    /// payment; the sweep looks there once.
    private static let life: [Statement] = [
        .expireOrders, .expireBatch, .closeBatches, .cancelOrder, .failOrder, .lockOrder, .payOrder, .markRefundDue, .enterPayment,
    ]

    /// The plans of the sessions that end orders, made while there are no orders, while there are
    /// no statistics, and with statistics of many orders.
    @Test func anOrderThatEndsIsFoundByItsIdAndOnlyTheSweepReadsWhatIsDue() async throws {
        try await withLedger(stock: 100_000, limit: 2) { ledger in
            func expectIndexes(_ when: String) async throws {
                let session = LedgerUnderTest(address: ledger.address, profile: .orders)
                for statement in Self.life {
                    let plan = try await plan(of: statement, session)
                    #expect(!plan.contains("Seq Scan on orders"), "\(when): \(statement.name)\n\(plan)")
                    #expect(plan.contains("orders_pkey"), "\(when): \(statement.name)\n\(plan)")
                    let sweeps = plan.split(separator: "\n").count { $0.contains("orders_awaiting_payment") }
                    #expect(sweeps == (statement.name == Statement.expireOrders.name ? 1 : 0), "\(when): \(statement.name)\n\(plan)")
                }
            }
            try await expectIndexes("no orders")
            let journal = ledger.journal()
            for batch in 0..<20 { _ = try await journal.commit(reservations(batch * 1_000..<(batch + 1) * 1_000)) }
            try await expectIndexes("no statistics")
            try await ledger.session.script("ANALYZE")
            try await expectIndexes("all await payment")
            try await ledger.session.script("UPDATE orders SET state = 'paid' WHERE id <> (SELECT id FROM orders ORDER BY id LIMIT 1); ANALYZE")
            try await expectIndexes("one awaits payment")
        }
    }

    /// A sweep that finds nothing due touches no page of the table.
    @Test func aSweepWithoutWorkCostsTheSameHoweverManyOrdersThereAre() async throws {
        try await withLedger(stock: 100_000) { ledger in
            let journal = ledger.journal()
            for batch in 0..<20 { _ = try await journal.commit(reservations(batch * 1_000..<(batch + 1) * 1_000)) }
            let session = LedgerUnderTest(address: ledger.address, profile: .orders)
            let statement = Statement.expireOrders
            try await session.session.script("PREPARE \(statement.name) AS \(statement.sql)")
            let plan = try await session.lines("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) EXECUTE \(statement.name) (500)")
            let scan = try #require(plan.firstIndex { $0.contains("orders_awaiting_payment") }, "\(plan.joined(separator: "\n"))")
            #expect(plan[scan].contains("rows=0"))
            let buffers = try #require(plan[scan...].first { $0.contains("Buffers:") })
            let pages = buffers.split { !$0.isNumber }.compactMap { Int($0) }.reduce(0, +)
            #expect(pages <= 10, "\(buffers)")
        }
    }

    @Test func anOperatorsListOfOneUserReadsThatUsersOrders() async throws {
        try await withLedger(stock: 100_000) { ledger in
            let journal = ledger.journal()
            for batch in 0..<10 { _ = try await journal.commit(reservations(batch * 1_000..<(batch + 1) * 1_000)) }
            try await ledger.session.script("ANALYZE")
            let statement = Statement.ordersOfFilter
            try await ledger.session.script("PREPARE \(statement.name) AS \(statement.sql)")
            let plan = try await ledger.lines(
                "EXPLAIN EXECUTE \(statement.name) ('demo', 'user-7', '{}', false, '\(OrderID.first)', '\(OrderID.last)', NULL, NULL, 20)"
            ).joined(separator: "\n")
            #expect(plan.contains("orders_of_user"), "\(plan)")
        }
    }

    /// Of the present epoch. The planner takes the lists of a batch for short: where it joins two
    /// of them, it compares each with each.
    @Test(arguments: [1, 2])
    func aBatchOfManyItemsIsNotComparedItemByItem(limit: Int) async throws {
        try await withLedger(stock: 1, limit: limit) { ledger in
            try await ledger.session.script(
                """
                INSERT INTO stock (sale_id, sku, title, unit_price, currency, loaded, limit_per_user, counts_users)
                SELECT sale_id, 'many-' || number, title, unit_price, currency, 1, limit_per_user, counts_users FROM stock, generate_series(1, 200) AS number
                """)
            let session = LedgerUnderTest(address: ledger.address, profile: .journal)
            for statement in [Statement.commitNewOrders, .commitOrders] {
                try await session.session.script("PREPARE \(statement.name) AS \(statement.sql)")
                let numbers = 1...200
                func list(_ type: String, _ element: (Int) -> String) -> String { "ARRAY[\(numbers.map(element).joined(separator: ","))]::\(type)[]" }
                let arguments = [
                    list("text") { _ in "'demo'" }, list("text") { "'many-\($0)'" }, list("bigint") { "\($0)" },
                    list("uuid") { "'00000000-0000-7000-8000-\(String($0 + 100_000_000_000))'" }, list("text") { "'user-\($0)'" },
                    list("integer") { _ in "1" }, list("text") { _ in "NULL" }, list("bigint") { _ in "1" }, list("timestamptz") { _ in "now()" },
                ]
                let plan = try await session.lines(
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE \(statement.name) (\(arguments.joined(separator: ", ")))")
                let thrownAway = plan.filter { $0.contains("Rows Removed by Join Filter") }.compactMap { Int($0.filter(\.isNumber)) }
                #expect(thrownAway.allSatisfy { $0 <= numbers.count }, "\(statement.name)\n\(plan.joined(separator: "\n"))")
                try await session.session.script("TRUNCATE orders CASCADE; TRUNCATE user_units; UPDATE stock SET committed = 0")
            }
        }
    }

    private func plan(of statement: Statement, _ ledger: LedgerUnderTest) async throws -> String {
        try await ledger.session.script("PREPARE \(statement.name) AS \(statement.sql)")
        let count = (1...10).last { statement.sql.contains("$\($0)") } ?? 0
        let arguments = Array(repeating: "NULL", count: count).joined(separator: ", ")
        return try await ledger.lines("EXPLAIN EXECUTE \(statement.name) (\(arguments))").joined(separator: "\n")
    }
}
