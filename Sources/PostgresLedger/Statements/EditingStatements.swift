extension Statement {
    static let editing = [
        holdOrders, lockOpenItems, lockSaleRow, lockItemsOfSale, createSale, updateSale, addItems, seedUserUnits, updateItems,
        enterLoads, enterAudit, keptRequest, keepAnswer,
    ]

    /// No order is written until the end of the transaction: the guard of a limit is being changed.
    /// Taken before any row, as every writer of orders does.
    static let holdOrders = Statement("hold_orders", "LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE")

    /// Held until the end of the transaction by whoever adds to the items on sale, so that two who
    /// count them take turns.
    static let lockOpenItems = Statement("lock_open_items", "SELECT pg_advisory_xact_lock(32479017389976685)")

    /// Locks the sale's own row, so that two operators take turns.
    static let lockSaleRow = Statement("lock_sale_row", "SELECT 1 FROM sales WHERE id = $1::text FOR UPDATE")

    /// Locks those of the items $2 of sale $1 that exist, so that `committed` stands still.
    static let lockItemsOfSale = Statement(
        "lock_items_of_sale", "SELECT 1 FROM stock WHERE sale_id = $1::text AND sku = ANY ($2::text[]) ORDER BY sku FOR UPDATE")

    /// Touches no row when the sale exists.
    static let createSale = Statement(
        "create_sale",
        """
        INSERT INTO sales (id, title, status, opens_at, closes_at, pay_within_ms)
        VALUES ($1::text, $2::text, $3::text, $4::timestamptz, $5::timestamptz, $6::bigint)
        ON CONFLICT DO NOTHING
        """)

    /// Also when only its items changed: the sale's row says so, where nodes look.
    static let updateSale = Statement(
        "update_sale",
        """
        UPDATE sales SET title = $2::text, status = $3::text, opens_at = $4::timestamptz, closes_at = $5::timestamptz, pay_within_ms = $6::bigint,
            version = $7::bigint, updated_at = now()
        WHERE id = $1::text
        """)

    /// Adds items to sale $1: SKU, title, price, currency, stock, limit ($2–$7).
    static let addItems = Statement(
        "add_items",
        """
        INSERT INTO stock (sale_id, sku, title, unit_price, currency, loaded, limit_per_user, counts_users, epoch)
        SELECT sales.id, sku, added.title, unit_price, currency, loaded, limit_per_user, limit_per_user > 1, sales.epoch
        FROM sales
        CROSS JOIN unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::integer[])
            AS added (sku, title, unit_price, currency, loaded, limit_per_user)
        WHERE sales.id = $1::text
        """)

    /// Begins to count the users of item $2 of sale $1 under limit $3, unless they are counted
    /// already.
    static let seedUserUnits = Statement(
        "seed_user_units",
        """
        INSERT INTO user_units (user_id, sale_id, sku, units, limit_per_user)
        SELECT orders.user_id, sale_id, sku, sum(orders.quantity), $3::bigint
        FROM orders JOIN stock USING (sale_id, sku)
        WHERE sale_id = $1::text AND sku = $2::text AND NOT stock.counts_users AND orders.state IN \(live)
        GROUP BY orders.user_id, sale_id, sku
        """)

    /// Writes items of sale $1: SKU, title, price, currency, stock, limit, version ($2–$8).
    static let updateItems = Statement(
        "update_items",
        """
        UPDATE stock SET title = changed.title, unit_price = changed.unit_price, currency = changed.currency, loaded = changed.loaded,
            limit_per_user = changed.limit_per_user, counts_users = stock.counts_users OR changed.limit_per_user > 1,
            version = changed.version, updated_at = now()
        FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::integer[], $8::bigint[])
            AS changed (sku, title, unit_price, currency, loaded, limit_per_user, version)
        WHERE stock.sale_id = $1::text AND stock.sku = changed.sku
        """)

    /// Enters movements $3 of `loaded` of the SKUs $2 of sale $1 into the stock ledger.
    static let enterLoads = Statement(
        "enter_loads",
        """
        INSERT INTO stock_ledger (sale_id, sku, kind, loaded)
        SELECT $1::text, sku, 'load', units FROM unnest($2::text[], $3::bigint[]) AS moved (sku, units)
        """)

    /// Sale $1, actor $2, command $3, changes $4, channel $5, reason $6, request $7, order $8.
    /// Under key $9, a change of content $10 is made once: the second one fails.
    static let enterAudit = Statement(
        "enter_audit",
        """
        WITH kept AS (
            INSERT INTO operator_requests (actor, key, request) SELECT $2::text, $9::text, $10::text WHERE $9::text IS NOT NULL
        )
        INSERT INTO operator_audit (sale_id, actor, command, changes, channel, reason, request_id, order_id)
        VALUES ($1::text, $2::text, $3::text, $4::text[], $5::text, $6::text, $7::text, $8::uuid)
        """)

    /// What actor $1 asked for under key $2, and was answered.
    static let keptRequest = Statement(
        "kept_request", "SELECT request, status, entity_tag, answer FROM operator_requests WHERE actor = $1::text AND key = $2::text")

    /// Actor $1, key $2, content $3, and the answer: status $4, tag $5, body $6.
    static let keepAnswer = Statement(
        "keep_answer",
        """
        WITH forgotten AS (DELETE FROM operator_requests WHERE at < now() - interval '1 day')
        INSERT INTO operator_requests AS kept (actor, key, request, status, entity_tag, answer)
        VALUES ($1::text, $2::text, $3::text, $4::bigint, $5::text, $6::text)
        ON CONFLICT (actor, key) DO UPDATE SET status = EXCLUDED.status, entity_tag = EXCLUDED.entity_tag, answer = EXCLUDED.answer
            WHERE kept.status IS NULL AND kept.request = EXCLUDED.request
        """)
}
