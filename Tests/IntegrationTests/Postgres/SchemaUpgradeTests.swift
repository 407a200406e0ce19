import Foundation
import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// A database of an earlier version is brought up to today's schema by applying it, and keeps what
/// it holds.
@Suite(.timeLimit(.minutes(2))) struct SchemaUpgradeTests {
    enum Version: CaseIterable {
        /// Before stock moves, abandoned orders and the index for expiry.
        case commit01e65f4
        /// Before the rules of single columns became domains.
        case commit0df4317

        var schema: String {
            switch self {
            case .commit01e65f4: String(decoding: PackageResources.schema_01e65f4_sql, as: UTF8.self)
            case .commit0df4317: String(decoding: PackageResources.schema_0df4317_sql, as: UTF8.self)
            }
        }

        /// What a node of that time reads an order by.
        var orderByID: Statement {
            Statement(
                "order_by_id",
                """
                SELECT id, sale_id, sku, user_id, quantity, unit_price, currency, state, created_at, pay_by, refund_due FROM orders WHERE id = $1::uuid
                """)
        }
    }

    /// Two sales in different epochs, an order in each state, a counter, ledger entries, a payment
    /// and a give-back under way.
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
        """
    private static let giveBack = """
        INSERT INTO give_backs (order_id, sale_id, sku, user_id, quantity, epoch)
            VALUES ('01900000-0000-7000-8000-000000000003', 'demo', 'phone-x', 'cat', 1, 7);
        """

    /// By which `docs/operate.md` tells operators to make the index of unpaid orders anew.
    private static func commandsForTheIndex() throws -> [String] {
        let manual = URL(filePath: #filePath).appending(path: "../../../../docs/operate.md").standardized
        let commands = try String(contentsOf: manual, encoding: .utf8).split(separator: "\n").map(String.init)
            .filter { line in ["CREATE INDEX", "DROP INDEX", "ALTER INDEX"].contains(where: line.hasPrefix) }
        try #require(commands.count == 3)
        return commands
    }

    private static let tables = ["sales", "stock", "orders", "user_units", "stock_ledger", "operator_audit", "payment_events"]

    private static let shape = """
        SELECT format('%s.%s %s %s %s %s', table_name, column_name, data_type, domain_name, is_nullable, column_default)
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
                "SELECT (to_jsonb(old_row) - '{epoch,last_move,changed_in,due_by_batch,channel,reason,request_id,order_id}'::text[])::text FROM \(table) AS old_row ORDER BY 1"
            )
        }
        return content
    }

    private func withOldDatabase(_ version: Version, _ body: (LedgerUnderTest) async throws -> Void) async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url)
            try await ledger.session.script(version.schema)
            try await ledger.session.script(Self.rows)
            switch version {
            case .commit01e65f4: try await ledger.session.script(Self.giveBack)
            // As the upgrade of that time left it.
            case .commit0df4317: try await ledger.session.script("UPDATE stock SET epoch = sales.epoch FROM sales WHERE sales.id = stock.sale_id")
            }
            try await body(ledger)
        }
    }

    /// Applies today's schema while nobody else is connected.
    private func migrateAlone(_ ledger: LedgerUnderTest) async throws {
        await ledger.session.close()
        let name = try #require(ledger.address.conninfo.split(separator: "/").last)
        let elsewhere = LedgerUnderTest(address: try PostgresAddress(ledger.address.conninfo.dropLast(name.count) + "postgres"))
        try await elsewhere.wait(until: "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(name)')")
        try await ledger.catalog.migrate()
        #expect(try await isUpgraded(ledger))
    }

    private func isUpgraded(_ ledger: LedgerUnderTest) async throws -> Bool {
        try await ledger.number("SELECT count(*) FROM pg_type WHERE typname = 'order_quantity'") == 1
    }

    @Test(arguments: Version.allCases) func anUpgradeKeepsEveryRowAndASecondOneChangesNothing(version: Version) async throws {
        try await withOldDatabase(version) { ledger in
            let before = try await content(ledger)
            #expect(before["orders"]?.count == 5)
            try await migrateAlone(ledger)
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
    @Test(arguments: Version.allCases) func anUpgradedSchemaIsTheOneThatAFreshDatabaseHas(version: Version) async throws {
        var fresh: [String] = []
        try await withLedger(stock: 1) { ledger in fresh = try await ledger.lines(Self.shape) }
        try await withOldDatabase(version) { ledger in
            try await migrateAlone(ledger)
            for command in try Self.commandsForTheIndex() { try await ledger.session.script(command) }
            // Earlier rules held for what is there.
            #expect(try await ledger.lines(Self.shape).map { $0.replacing(" NOT VALID", with: "") }.sorted() == fresh.sorted())
            try await ledger.session.script("ALTER TABLE stock DROP CONSTRAINT stock_sale_id_fkey")
            for change in SchemaTests.changesThatNoRuleAllows where !change.contains("committed = 4") && !change.contains("loaded = 0") {
                let error = await #expect(throws: JournalError.self, "\(change)") { try await ledger.session.script("UPDATE \(change)") }
                #expect(error?.hasState(SQLState.checkViolation) == true, "\(change)")
            }
        }
    }

    /// Orders may be many: they are neither copied nor read, and no index is made anew.
    @Test func anUpgradeWritesNoTableAnew() async throws {
        let files = """
            SELECT relname || ' ' || relfilenode FROM pg_class
            WHERE relname IN ('orders', 'orders_pkey', 'orders_of_user', 'orders_idempotency_key', 'stock_ledger', 'stock_ledger_pkey') ORDER BY 1
            """
        try await withOldDatabase(.commit0df4317) { ledger in
            let before = try await ledger.lines(files)
            #expect(before.count == 6)
            try await migrateAlone(ledger)
            #expect(try await ledger.lines(files) == before)
        }
    }

    /// A long reader, such as a backup, does not make purchases queue up behind the upgrade for
    /// longer than a moment. The audit trail is upgraded on its own: nobody who buys waits for it.
    @Test func anUpgradeThatGetsNoLockGivesUpAndChangesNothing() async throws {
        try await withOldDatabase(.commit0df4317) { ledger in
            func shape() async throws -> [String] { try await ledger.lines(Self.shape).filter { !$0.hasPrefix("operator_audit.") } }
            let before = try await shape()
            let reader = PostgresSession(address: ledger.address, profile: .catalog)
            try await reader.script("BEGIN; SELECT count(*) FROM orders")
            let error = await #expect(throws: JournalError.self) { try await ledger.catalog.migrate() }
            #expect(error?.hasState(SQLState.lockNotAvailable) == true)
            #expect(try await shape() == before)
            try await reader.script("COMMIT")
            try await ledger.catalog.migrate()
            #expect(try await ledger.journal().commit([reservation(1)]).committedCount == 1)
        }
    }

    /// Statements that a node has prepared answer with columns of the types that they had. With
    /// others Postgres refuses them until the node connects anew.
    @Test(arguments: Version.allCases) func nodesThatRunDoNotNoticeAnUpgrade(version: Version) async throws {
        try await withOldDatabase(version) { ledger in
            func states(_ session: PostgresSession) async throws -> [Int32] {
                var parameters = PostgresParameters()
                parameters.order(OrderID("01900000-0000-7000-8000-000000000005")!)
                let order = parameters
                return try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                    try session.query(version.orderByID, order) { result in (0..<result.rowCount).map { result.int32($0, 4) } }
                }
            }
            let node = PostgresSession(address: ledger.address, profile: .orders)
            #expect(try await states(node) == [3])
            try await ledger.catalog.migrate()
            #expect(try await states(node) == [3])
            #expect(try await isUpgraded(ledger) == false)
            // The new nodes work with it meanwhile.
            var next = reservation(1)
            next.epoch = 7
            #expect(try await ledger.journal().commit([next]).committedCount == 1)
            #expect(try await states(node) == [3])
        }
    }

    /// The old orders live on under today's statements: they are ended, paid late, and new ones are
    /// judged beside them.
    @Test(arguments: Version.allCases, [true, false]) func ordersOfAnUpgradedDatabaseLiveOn(version: Version, isAlone: Bool) async throws {
        try await withOldDatabase(version) { ledger in
            if isAlone { try await migrateAlone(ledger) } else { try await ledger.catalog.migrate() }
            let life = PostgresOrderLife(address: ledger.address)
            #expect(try await life.expire(countMax: 9) == 1)
            #expect(try await life.pendingMoves(besides: [], countMax: 9).map { "\($0.user) \($0.number) \($0.epoch)" } == ["ann 1 7"])
            #expect(try await ledger.number("SELECT committed FROM stock WHERE sale_id = 'demo' AND sku = 'phone-x'") == 1)
            let late = PaymentEvent(
                id: PaymentEventID("e2")!, order: OrderID("01900000-0000-7000-8000-000000000001")!, outcome: .succeeded, amount: 399_900,
                currency: Currency("CNY")!)
            guard case .recorded(let order, _) = try await life.record(late) else {
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
