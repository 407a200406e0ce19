extension Statement {
    static let catalog = [
        sales, saleHorizon, changedSales, beginEpoch, proveEpoch, lockSale, tryLockSales, unlockSales, openRebuild, fetchRebuildPage, ordersOfFilter,
        auditFigures,
        recordedOrders, movesOfSale, openItems,
    ]

    /// The sale $1, or every sale when it is null, with its items: the columns of `SaleRow`, one
    /// row per item, or one with null items.
    static let sales = Statement(
        "sales",
        """
        SELECT \(SaleRow.columns)
        FROM sales LEFT JOIN stock ON stock.sale_id = sales.id
        WHERE $1::text IS NULL OR sales.id = $1::text
        ORDER BY sales.id, stock.sku
        """)

    /// From where the next reading of `changedSales` asks, to be read before it: the oldest
    /// transaction that is still open. Whatever is not seen yet has its number or a higher one, in
    /// whatever order they commit.
    static let saleHorizon = Statement("sale_horizon", "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")

    /// What changed since horizon $1, and the sales $2; as `sales`. Mostly there is none, and then
    /// no item is read.
    static let changedSales = Statement(
        "changed_sales",
        """
        SELECT \(SaleRow.columns)
        FROM sales LEFT JOIN stock ON stock.sale_id = sales.id
        WHERE sales.changed_in >= $1::bigint OR sales.id = ANY ($2::text[])
        ORDER BY sales.id, stock.sku
        """)

    /// Waits for every batch that moves units of the sale: what was committed before belongs to the
    /// old epoch, and the rebuild's snapshot shows it.
    static let beginEpoch = Statement(
        "begin_epoch",
        """
        WITH sale AS (
            UPDATE sales SET epoch = epoch + 1, proven_run = '', updated_at = now() WHERE id = $1::text RETURNING id, epoch
        ), item AS MATERIALIZED (
            SELECT stock.sale_id, stock.sku, sale.epoch FROM sale JOIN stock ON stock.sale_id = sale.id ORDER BY stock.sale_id, stock.sku FOR UPDATE OF stock
        ), moved AS (
            UPDATE stock SET epoch = item.epoch FROM item WHERE stock.sale_id = item.sale_id AND stock.sku = item.sku
        )
        SELECT epoch FROM sale
        """)

    /// Declares epoch $2 of sale $1 proven on run $3.
    static let proveEpoch = Statement(
        "prove_epoch", "UPDATE sales SET proven_run = $3::text, updated_at = now() WHERE id = $1::text AND epoch = $2::bigint")

    /// Waits for the session's lock $1.
    static let lockSale = Statement("lock_sale", "SELECT pg_advisory_lock($1::bigint)")

    /// Takes those of the locks $1 that no other session holds: their numbers in $1, counted from
    /// 1.
    static let tryLockSales = Statement(
        "try_lock_sales",
        "SELECT number FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (key, number) WHERE pg_try_advisory_lock(key) ORDER BY number")

    static let unlockSales = Statement("unlock_sales", "SELECT pg_advisory_unlock(key) FROM unnest($1::bigint[]) AS held (key)")

    /// Opens the scan of the orders of sale $1 that a rebuild must know: live ones, and those that
    /// settle a key. One scan for all pages: a plan per page would be at the mercy of statistics
    /// that are minutes old.
    static let openRebuild = Statement(
        "open_rebuild",
        """
        DECLARE rebuild NO SCROLL CURSOR FOR
        SELECT id, user_id, sku, quantity, idempotency_key, state IN \(live)
        FROM orders
        WHERE sale_id = $1::text AND (state IN \(live) OR idempotency_key IS NOT NULL)
        """)

    static let rebuildPageRowsMax = 2_000
    static let fetchRebuildPage = Statement("fetch_rebuild_page", "FETCH \(rebuildPageRowsMax) FROM rebuild")

    /// At most $9 orders with an id from $5 to below $6, newest first: of sale $1, of user $2,
    /// granted from $7 to before $8, each unless null, in one of the states $3 unless there are
    /// none, and with a refund due if $4.
    static let ordersOfFilter = Statement(
        "orders_of_filter",
        """
        SELECT \(OrderRow.columns), \(awaitsStandby) FROM orders
        WHERE ($1::text IS NULL OR sale_id = $1::text) AND ($2::text IS NULL OR user_id = $2::text)
            AND (cardinality($3::text[]) = 0 OR state = ANY ($3::text[])) AND (NOT $4::boolean OR refund_due)
            AND id >= $5::uuid AND id < $6::uuid
            AND ($7::timestamptz IS NULL OR created_at >= $7::timestamptz) AND ($8::timestamptz IS NULL OR created_at < $8::timestamptz)
        ORDER BY id DESC LIMIT $9::bigint
        """)

    /// Per SKU of sale $1, at one instant: loaded, committed, units in live orders, limit, users
    /// over the limit under which they last bought. Items that count no users have always had a
    /// limit of one.
    static let auditFigures = Statement(
        "audit_figures",
        """
        SELECT stock.sku, stock.loaded, stock.committed, coalesce(sum(held.units), 0)::bigint, stock.limit_per_user,
            count(*) FILTER (WHERE held.units > coalesce(user_units.limit_per_user, stock.limit_per_user))
        FROM stock
        LEFT JOIN (
            SELECT sku, user_id, sum(quantity) AS units FROM orders WHERE sale_id = $1::text AND state IN \(live) GROUP BY sku, user_id
        ) AS held USING (sku)
        LEFT JOIN user_units ON user_units.user_id = held.user_id AND user_units.sale_id = $1::text AND user_units.sku = stock.sku
        WHERE stock.sale_id = $1::text
        GROUP BY stock.sale_id, stock.sku
        """)

    /// Items of all sales but $1 that are neither closed nor over.
    static let openItems = Statement(
        "open_items",
        """
        SELECT count(*) FROM stock JOIN sales ON sales.id = stock.sale_id
        WHERE sales.id <> $1::text AND sales.status <> 'closed' AND sales.closes_at > now()
        """)

    /// The columns of `StockMoveRow`.
    static let movesOfSale = Statement(
        "moves_of_sale", "SELECT \(StockMoveRow.columns) FROM stock_moves WHERE sale_id = $1::text ORDER BY sku, number")

    static let recordedOrders = Statement("recorded_orders", "SELECT id FROM orders WHERE id = ANY ($1::uuid[])")
}
