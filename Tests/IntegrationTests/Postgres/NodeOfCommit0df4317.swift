import SaleService
import Testing

@testable import PostgresLedger

/// The statements of a node of commit 0df4317, which committed a usual batch in one of them, and
/// found each unpaid order by an index.
struct NodeOfCommit0df4317 {
    private let session: PostgresSession

    init(_ ledger: LedgerUnderTest) {
        session = PostgresSession(address: ledger.address, profile: .journal)
    }

    /// - Returns: whether all of `orders` were committed; else none was.
    func commit(_ orders: [Reservation]) async throws -> Bool {
        let parameters = try #require(ItemBatch(orders)).parameters
        return try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
            try PostgresJournal.repeating { () throws(JournalError) in try session.query(Self.commitItem, parameters) { $0.rowCount == 1 } }
        }
    }

    /// - Returns: how many orders were ended.
    func expire(countMax: Int) async throws -> Int {
        var parameters = PostgresParameters()
        parameters.int64(Int64(countMax))
        let counted = parameters
        return try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
            try PostgresJournal.repeating { () throws(JournalError) in try session.query(Self.expireOrders, counted) { $0.rowCount } }
        }
    }

    private static let commitItem = Statement(
        "commit_item",
        """
        WITH turn AS MATERIALIZED (
            SELECT pg_advisory_xact_lock_shared(1936026475, hashtext($1::text))
        ), item AS MATERIALIZED (
            SELECT sale_id, sku, unit_price, currency, limit_per_user, counts_users, pay_within_ms, pay_within_ms * interval '1 millisecond' AS pay_within
            FROM turn
            CROSS JOIN stock
            JOIN sales ON sales.id = sale_id
            WHERE sale_id = $1::text AND sku = $2::text AND stock.epoch <= $3::bigint
        ), added AS (
            INSERT INTO orders (id, created_at, pay_by, unit_price, epoch, quantity, one_per_user, sale_id, sku, currency, state, user_id, idempotency_key)
            SELECT asked.id, asked.created_at, asked.created_at + item.pay_within, item.unit_price, $3::bigint, asked.quantity, NOT item.counts_users,
                item.sale_id, item.sku, item.currency, 'awaiting_payment', asked.user_id, asked.idempotency_key
            FROM item
            CROSS JOIN unnest($4::uuid[], $5::text[], $6::integer[], $7::text[], $8::timestamptz[])
                AS asked (id, user_id, quantity, idempotency_key, created_at)
            RETURNING user_id, quantity, one_per_user
        ), counted AS (
            INSERT INTO user_units AS held (user_id, sale_id, sku, units, limit_per_user)
            SELECT user_id, $1, $2, sum(quantity), min(item.limit_per_user)
            FROM added CROSS JOIN item
            WHERE NOT one_per_user
            GROUP BY user_id
            ORDER BY user_id
            ON CONFLICT (user_id, sale_id, sku) DO UPDATE SET units = held.units + excluded.units, limit_per_user = excluded.limit_per_user RETURNING 1
        ), taken AS MATERIALIZED (
            SELECT units FROM (SELECT count(*) FROM counted) AS counters_first CROSS JOIN (SELECT sum(quantity) AS units FROM added) AS of_batch
        ), moved AS (
            UPDATE stock SET committed = CASE WHEN stock.epoch <= $3 THEN stock.committed + taken.units ELSE -1 END
            FROM item CROSS JOIN taken
            WHERE stock.sale_id = item.sale_id AND stock.sku = item.sku
            RETURNING stock.sale_id, stock.sku, taken.units
        ), entered AS (
            INSERT INTO stock_ledger (sale_id, sku, kind, committed) SELECT sale_id, sku, 'commit', units FROM moved
        )
        SELECT unit_price, currency, pay_within_ms FROM item
        """)

    private static let expireOrders = Statement(
        "expire_orders",
        """
        WITH chosen AS MATERIALIZED (
            SELECT id FROM orders WHERE state = 'awaiting_payment' AND pay_by <= now()
            ORDER BY pay_by LIMIT $1::bigint FOR UPDATE SKIP LOCKED
        ), ended AS (
            UPDATE orders SET state = 'expired' FROM chosen
            WHERE orders.id = chosen.id AND orders.state || '' = 'awaiting_payment'
            RETURNING orders.id, orders.sale_id, orders.sku, orders.user_id, orders.quantity
        ), held AS MATERIALIZED (
            SELECT user_id, sale_id, sku, given.units
            FROM (SELECT user_id, sale_id, sku, sum(quantity) AS units FROM ended GROUP BY user_id, sale_id, sku) AS given
            JOIN user_units USING (user_id, sale_id, sku)
            ORDER BY user_id, sale_id, sku
            FOR UPDATE OF user_units
        ), uncounted AS (
            UPDATE user_units SET units = user_units.units - held.units FROM held
            WHERE user_units.user_id = held.user_id AND user_units.sale_id = held.sale_id AND user_units.sku = held.sku
            RETURNING 1
        ), given AS MATERIALIZED (
            SELECT sale_id, sku, sum(quantity) AS units, count(*) AS orders FROM ended GROUP BY sale_id, sku
        ), locked AS MATERIALIZED (
            SELECT sale_id, sku, given.units, given.orders, stock.last_move, stock.epoch
            FROM (SELECT count(*) FROM uncounted) AS counters_first
            CROSS JOIN given
            JOIN stock USING (sale_id, sku)
            ORDER BY sale_id, sku
            FOR UPDATE OF stock
        ), moved AS (
            UPDATE stock SET committed = stock.committed - locked.units, last_move = stock.last_move + locked.orders
            FROM locked WHERE stock.sale_id = locked.sale_id AND stock.sku = locked.sku
        ), told AS (
            INSERT INTO stock_moves (sale_id, sku, number, kind, order_id, user_id, quantity, epoch)
            SELECT sale_id, sku, locked.last_move + row_number() OVER (PARTITION BY sale_id, sku ORDER BY ended.id), 'give_back', ended.id, ended.user_id,
                ended.quantity, locked.epoch
            FROM ended JOIN locked USING (sale_id, sku)
        ), entered AS (
            INSERT INTO stock_ledger (sale_id, sku, kind, committed, order_id) SELECT sale_id, sku, 'release', -quantity, id FROM ended
        )
        SELECT id FROM ended
        """)
}
