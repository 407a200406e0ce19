import LoadSupport

/// Orders of a sale that is over: nine of ten paid, the others cancelled, each in the books as the
/// service would have entered it.
enum PastOrders {
    /// Takes about ten seconds per million.
    static func make(_ count: Int, database: String) async throws {
        _ = try await Psql(url: database).rows(sql, variables: ["count": String(count)])
    }

    /// Filling an index row by row takes several times as long as making it anew, so the two that
    /// are not in the order of time are made anew.
    private static let sql = """
        SET maintenance_work_mem = '1GB';
        SELECT indexdef AS orders_of_user FROM pg_indexes WHERE indexname = 'orders_of_user' \\gset
        DROP INDEX orders_of_user;
        BEGIN;
        INSERT INTO sales (id, title, status, opens_at, closes_at, pay_within_ms)
            VALUES ('past', 'Past', 'closed', now() - interval '2 days', now() - interval '1 day', 900000);
        INSERT INTO orders (id, created_at, pay_by, unit_price, epoch, quantity, one_per_user, sale_id, sku, currency, state, user_id)
            SELECT
                -- UUIDv7: 48 bits of milliseconds, then what tells those of one millisecond apart.
                (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(number), 15, '0'))::uuid,
                at, at + interval '15 minutes', 100, 0, 1, true, 'past', 'unit', 'EUR',
                CASE WHEN number % 10 = 0 THEN 'cancelled' ELSE 'paid' END, 'past-' || lpad(number::text, 12, '0')
            FROM generate_series(1, :count) AS number,
                LATERAL (SELECT now() - interval '2 days' + number * interval '1 day' / :count AS at) AS moment;
        INSERT INTO stock (sale_id, sku, title, unit_price, currency, loaded, committed, limit_per_user, counts_users)
            SELECT 'past', 'unit', 'Unit', 100, 'EUR', :count, count(*) FILTER (WHERE state = 'paid'), 1, false FROM orders WHERE sale_id = 'past';
        INSERT INTO stock_ledger (sale_id, sku, kind, loaded) VALUES ('past', 'unit', 'load', :count);
        INSERT INTO stock_ledger (sale_id, sku, kind, committed) VALUES ('past', 'unit', 'commit', :count);
        INSERT INTO stock_ledger (sale_id, sku, kind, committed, order_id)
            SELECT sale_id, sku, 'release', -1, id FROM orders WHERE sale_id = 'past' AND state = 'cancelled';
        COMMIT;
        :orders_of_user;
        VACUUM (ANALYZE) orders;
        CHECKPOINT;
        """
}
