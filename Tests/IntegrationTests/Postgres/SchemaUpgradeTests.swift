import PostgresLedger
import SaleCore
import SaleService
import Testing

/// A database of an earlier version is brought up to today's schema by applying it, and keeps what it holds.
@Suite(.timeLimit(.minutes(2))) struct SchemaUpgradeTests {
    /// `schema.sql` of commit 01e65f4, before stock moves, abandoned orders and the index for expiry.
    private static let old = String(decoding: PackageResources.schema_01e65f4_sql, as: UTF8.self)

    /// Two sales in different epochs, an order in each state, a counter, ledger entries, a payment and a give-back under way.
    private static let rows = """
        INSERT INTO sales (id, title, opens_at, closes_at, pay_within_ms, epoch, proven_run) VALUES
            ('demo', 'Demo', 'epoch', 'epoch'::timestamptz + interval '1 day', 900000, 7, 'run-a'),
            ('other', 'Other', 'epoch', 'epoch'::timestamptz + interval '1 day', 900000, 0, '');
        INSERT INTO stock (sale_id, sku, title, unit_price, currency, loaded, committed, limit_per_user, counts_users) VALUES
            ('demo', 'phone-x', 'Phone', 399900, 'CNY', 10, 2, 1, false), ('demo', 'phone-1', 'Phone', 399900, 'CNY', 10, 3, 5, true),
            ('other', 'phone-x', 'Phone', 399900, 'CNY', 10, 0, 1, false);
        INSERT INTO orders (id, created_at, pay_by, unit_price, epoch, quantity, one_per_user, sale_id, sku, currency, state, user_id, idempotency_key, rejection)
        VALUES
            ('01900000-0000-7000-8000-000000000001', now(), now() - interval '1 hour', 399900, 7, 1, true, 'demo', 'phone-x', 'CNY', 'awaiting_payment', 'ann', 'k', NULL),
            ('01900000-0000-7000-8000-000000000002', now(), now(), 399900, 7, 1, true, 'demo', 'phone-x', 'CNY', 'paid', 'bob', NULL, NULL),
            ('01900000-0000-7000-8000-000000000003', now(), now(), 399900, 7, 1, true, 'demo', 'phone-x', 'CNY', 'cancelled', 'cat', NULL, NULL),
            ('01900000-0000-7000-8000-000000000004', now(), now(), 399900, 7, 1, true, 'demo', 'phone-x', 'CNY', 'rejected', 'dan', NULL, 'no_units'),
            ('01900000-0000-7000-8000-000000000005', now(), now(), 399900, 7, 3, false, 'demo', 'phone-1', 'CNY', 'paid', 'eve', NULL, NULL);
        INSERT INTO user_units (user_id, sale_id, sku, units, limit_per_user) VALUES ('eve', 'demo', 'phone-1', 3, 5);
        INSERT INTO stock_ledger (sale_id, sku, kind, loaded, committed) VALUES ('demo', 'phone-x', 'load', 10, 0), ('demo', 'phone-x', 'commit', 0, 2);
        INSERT INTO operator_audit (actor, command, sale_id, changes) VALUES ('tester', 'apply', 'demo', '{created}');
        INSERT INTO payment_events (event_id, order_id, outcome, amount, currency, effect)
            VALUES ('e1', '01900000-0000-7000-8000-000000000002', 'succeeded', 399900, 'CNY', 'paid');
        INSERT INTO give_backs (order_id, sale_id, sku, user_id, quantity, epoch)
            VALUES ('01900000-0000-7000-8000-000000000003', 'demo', 'phone-x', 'cat', 1, 7);
        """

    private static let tables = ["sales", "stock", "orders", "user_units", "stock_ledger", "operator_audit", "payment_events"]

    private static let shape = """
        SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        ORDER BY 1
        """

    /// Every row of the tables that stay, columns of the old schema only.
    private func content(_ ledger: LedgerUnderTest) async throws -> [String: [String]] {
        var content: [String: [String]] = [:]
        for table in Self.tables {
            content[table] = try await ledger.lines(
                "SELECT (to_jsonb(old_row) - '{epoch,last_move,changed_in}'::text[])::text FROM \(table) AS old_row ORDER BY 1")
        }
        return content
    }

    private func withOldDatabase(_ body: (LedgerUnderTest) async throws -> Void) async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url)
            try await ledger.session.script(Self.old)
            try await ledger.session.script(Self.rows)
            try await body(ledger)
        }
    }

    @Test func anUpgradeKeepsEveryRowAndASecondOneChangesNothing() async throws {
        try await withOldDatabase { ledger in
            let before = try await content(ledger)
            #expect(before["orders"]?.count == 5)
            try await ledger.catalog.migrate()
            #expect(try await content(ledger) == before)
            let shape = try await ledger.lines(Self.shape)
            try await ledger.catalog.migrate()
            #expect(try await content(ledger) == before)
            #expect(try await ledger.lines(Self.shape) == shape)
            #expect(
                try await ledger.lines("SELECT format('%s %s %s %s', sale_id, sku, epoch, last_move) FROM stock ORDER BY 1") == [
                    "demo phone-1 7 0", "demo phone-x 7 0", "other phone-x 0 0",
                ])
            // The sale stays proven where it was: the orders of Redis are those of Postgres still.
            #expect(try await ledger.lines("SELECT proven_run FROM sales WHERE id = 'demo' AND epoch = 7") == ["run-a"])
        }
    }

    /// A database that was upgraded is the same as one that was made today.
    @Test func anUpgradedSchemaIsTheOneThatAFreshDatabaseHas() async throws {
        var fresh: [String] = []
        try await withLedger(stock: 1) { ledger in fresh = try await ledger.lines(Self.shape) }
        try await withOldDatabase { ledger in
            try await ledger.catalog.migrate()
            #expect(try await ledger.lines(Self.shape) == fresh)
        }
    }

    /// The old orders live on under today's statements: they are ended, paid late, and new ones are judged beside them.
    @Test func ordersOfAnUpgradedDatabaseLiveOn() async throws {
        try await withOldDatabase { ledger in
            try await ledger.catalog.migrate()
            let life = PostgresOrderLife(address: ledger.address)
            #expect(try await life.expire(countMax: 9) == 1)
            #expect(try await life.pendingMoves(besides: [], countMax: 9).map { "\($0.user) \($0.number) \($0.epoch)" } == ["ann 1 7"])
            #expect(try await ledger.number("SELECT committed FROM stock WHERE sale_id = 'demo' AND sku = 'phone-x'") == 1)
            let late = PaymentEvent(
                id: PaymentEventID("e2")!, order: OrderID("01900000-0000-7000-8000-000000000001")!, outcome: .succeeded, amount: 399_900,
                currency: Currency("CNY")!)
            guard case .recorded(let order) = try await life.record(late) else {
                Issue.record("not recorded")
                return
            }
            #expect(order.refundDue)
            var next = reservation(1, user: "ann")
            next.epoch = 7
            #expect(try await ledger.journal().commit([next]).committedCount == 1)
            #expect(try await ledger.journal().abandon([reservation(2)]) == [.rejected(.abandoned)])
        }
    }
}
