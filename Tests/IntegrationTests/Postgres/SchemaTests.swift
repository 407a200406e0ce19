import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

@Suite(.timeLimit(.minutes(2))) struct SchemaTests {
    private let shape = """
        SELECT format('%s.%s %s %s', table_name, column_name, data_type, column_default) FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        ORDER BY 1
        """

    @Test func aSecondApplicationChangesNothing() async throws {
        try await withLedger(stock: 3) { ledger in
            _ = try await ledger.journal().commit([reservation(1)])
            let before = try await ledger.lines(shape)
            try await ledger.catalog.migrate()
            #expect(try await ledger.lines(shape) == before)
            #expect(try await ledger.committed() == [1])
        }
    }

    @Test func twoAppliersAtOnceBothSucceed() async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url)
            try await withThrowingTaskGroup { group in
                for _ in 1...4 { group.addTask { try await PostgresCatalog(address: ledger.address).migrate() } }
                try await group.waitForAll()
            }
            #expect(try await ledger.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 14)
        }
    }

    @Test func everyStatementIsPreparedAgainstTheSchema() async throws {
        try await withLedger(stock: 1) { ledger in
            // SQL's own PREPARE takes no utility statements; the protocol's does, and other tests
            // run them.
            for statement in Statement.all where !["LOCK", "DECLARE", "FETCH"].contains(where: statement.sql.hasPrefix) {
                try await ledger.session.script("PREPARE \(statement.name) AS \(statement.sql)")
            }
        }
    }

    static let changesThatNoRuleAllows = [
        "stock SET committed = 4", "stock SET committed = -1", "stock SET loaded = 0", "stock SET loaded = -1, committed = -1",
        "stock SET limit_per_user = 2", "stock SET limit_per_user = 0", "stock SET sku = 'Phone X'", "stock SET currency = 'cny'",
        "stock SET unit_price = -1", "sales SET id = 'Demo'", "orders SET quantity = 0, one_per_user = false",
        "orders SET quantity = 1001, one_per_user = false", "orders SET quantity = 2", "orders SET state = 'odd'", "orders SET state = 'rejected'",
        "orders SET rejection = 'no_units'", "orders SET state = 'rejected', rejection = 'odd'", "stock_ledger SET kind = 'odd'",
    ]

    /// The last line of defence, should a statement ever forget its guard.
    @Test func aRuleStandsBehindTheBooks() async throws {
        try await withLedger(stock: 3) { ledger in
            _ = try await ledger.journal().commit([reservation(1)])
            try await ledger.session.script("ALTER TABLE stock DROP CONSTRAINT stock_sale_id_fkey")
            for change in Self.changesThatNoRuleAllows {
                let error = await #expect(throws: JournalError.self, "\(change)") { try await ledger.session.script("UPDATE \(change)") }
                #expect(error?.hasState(SQLState.checkViolation) == true, "\(change)")
            }
            #expect(try await ledger.committed() == [1])
        }
    }

    @Test func aUniqueIndexStandsBehindALimitOfOne() async throws {
        try await withLedger(stock: 3) { ledger in
            _ = try await ledger.journal().commit([reservation(1, user: "ann")])
            let error = await #expect(throws: JournalError.self) {
                try await ledger.session.script(
                    """
                    INSERT INTO orders SELECT '01900000-0000-7000-8000-000000000001', created_at, pay_by, unit_price, epoch, quantity, one_per_user,
                        refund_due, due_by_batch, sale_id, sku, currency, state, user_id FROM orders
                    """)
            }
            #expect(error?.hasState("23505") == true)
        }
    }
}
