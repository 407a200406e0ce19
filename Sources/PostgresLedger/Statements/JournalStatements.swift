import SaleService

extension Statement {
    static let journal = [
        insertOrdersOfItem, enterCommit, enterDeadline, takeUnits, enterCommitted, commitItem, commitNewOrders, commitOrders, findOrders, lockJournal,
        lockUserUnits,
        lockItems,
        readHoldings, readKeys, recordRejected,
    ]

    /// The class of the advisory locks that serialise a sale's serialized path with every other
    /// writer of its batches. The fast path takes them shared, so that fast batches do not wait for
    /// each other. Two sales whose names have the same hash merely wait for each other.
    private static let journalLock = "1936026475"

    /// Takes the locks of the sales $1 by the function `take`, each once, and all in the same
    /// order.
    private static func takingJournalLocks(_ take: String) -> String {
        """
        SELECT count(*) FROM (SELECT DISTINCT hashtext(sale_id) AS hash FROM unnest($1::text[]) AS asked (sale_id) ORDER BY hash) AS sale
        WHERE \(take)(\(journalLock), sale.hash) IS NOT NULL
        """
    }

    /// The columns of an order as it is inserted; the others have their defaults.
    private static let newOrder = """
        id, created_at, pay_by, unit_price, epoch, quantity, one_per_user, sale_id, sku, currency, state, user_id, idempotency_key
        """

    /// How units of users, inserted into `user_units AS held`, meet those that are counted already.
    private static let addingToCounters = """
        ON CONFLICT (user_id, sale_id, sku) DO UPDATE SET units = held.units + excluded.units, limit_per_user = excluded.limit_per_user RETURNING 1
        """

    // MARK: The usual batch

    /// New orders of one item that counts no users, all granted in the epoch that the item is in.
    /// The first of a few statements of one transaction, each as plain as it can be: what Postgres
    /// sets up for a statement of many parts is half of what a small batch costs.
    ///
    /// An item that is unknown, counts its users or is in a later epoch has no terms, and NOT NULL
    /// is violated: nothing is written. A join that dropped the orders instead would let the next
    /// statements count them.
    ///
    /// Parameters: sale, SKU and epoch ($1–$3); of each order, sorted by id: id, user, quantity,
    /// key, instant of the grant ($4–$8); whether `enterDeadline` follows ($9).
    static let insertOrdersOfItem = Statement(
        "insert_orders_of_item",
        """
        WITH turn AS MATERIALIZED (
            SELECT pg_advisory_xact_lock_shared(\(journalLock), hashtext($1::text))
        ), item AS MATERIALIZED (
            SELECT stock.unit_price, stock.currency, sales.pay_within_ms * interval '1 millisecond' AS pay_within
            FROM turn
            CROSS JOIN stock
            JOIN sales ON sales.id = stock.sale_id
            WHERE stock.sale_id = $1::text AND stock.sku = $2::text AND stock.epoch <= $3::bigint AND NOT stock.counts_users
        )
        INSERT INTO orders (\(newOrder), due_by_batch)
        SELECT asked.id, asked.created_at, asked.created_at + item.pay_within, item.unit_price, $3::bigint, asked.quantity, true, $1::text, $2::text,
            item.currency, 'awaiting_payment', asked.user_id, asked.idempotency_key, $9::boolean
        FROM unnest($4::uuid[], $5::text[], $6::integer[], $7::text[], $8::timestamptz[]) AS asked (id, user_id, quantity, idempotency_key, created_at)
        LEFT JOIN item ON true
        """)

    /// $3 units of item $2 of sale $1 into the ledger.
    static let enterCommit = Statement(
        "enter_commit", "INSERT INTO stock_ledger (sale_id, sku, kind, committed) VALUES ($1::text, $2::text, 'commit', $3::bigint)")

    /// When the orders from $3 to $4, of item $2 of sale $1, are due: as order $5 is, the first of
    /// them.
    static let enterDeadline = Statement(
        "enter_deadline",
        """
        INSERT INTO unpaid_batches (pay_by, first_order, last_order, sale_id, sku)
        SELECT pay_by, $3::uuid, $4::uuid, $1::text, $2::text FROM orders WHERE id = $5::uuid
        """)

    /// Moves $4 units of item $2 of sale $1, granted in epoch $3. As late as can be, because this
    /// row is the one that all wait for; only the event must come after it.
    ///
    /// An item that went to a later epoch meanwhile breaks the CHECK as a unit too many does, and
    /// nothing is written. Answers with price, currency and time to pay as they stand in order $5
    /// of the batch: an operator may have changed the item's since.
    static let takeUnits = Statement(
        "take_units",
        """
        UPDATE stock SET committed = CASE WHEN stock.epoch <= $3::bigint THEN stock.committed + $4::bigint ELSE -1 END
        FROM orders
        WHERE stock.sale_id = $1::text AND stock.sku = $2::text AND orders.id = $5::uuid
        RETURNING orders.unit_price, orders.currency, (extract(epoch FROM orders.pay_by - orders.created_at) * 1000)::bigint
        """)

    /// Tells the feed of the orders $3, sorted, of item $2 of sale $1. After `takeUnits`, which
    /// locks the item's row: see `events`. Being a statement of its own it sees the database as it
    /// is now, and needs no function for that.
    static let enterCommitted = Statement(
        "enter_committed",
        """
        INSERT INTO events (turn, type, sale_id, sku, orders)
        VALUES (
            greatest(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1),
            '\(EventType.orderCommitted)', $1::text, $2::text, $3::uuid[])
        """)

    /// The usual batch where the item counts its users, in one statement: new orders of one item,
    /// all granted in the epoch that the item is in. Does what `commitNewOrders` does, for two
    /// thirds of its cost.
    ///
    /// An item that goes to a later epoch meanwhile breaks the CHECK of `stock`.
    ///
    /// Parameters as $1–$8 of `insertOrdersOfItem`. Answers with the item's price, currency and
    /// time to pay, and whether it counts users; with no row, and then nothing was written, when
    /// there is no such item or it is in a later epoch.
    static let commitItem = Statement(
        "commit_item",
        """
        WITH turn AS MATERIALIZED (
            SELECT pg_advisory_xact_lock_shared(\(journalLock), hashtext($1::text))
        ), item AS MATERIALIZED (
            SELECT sale_id, sku, unit_price, currency, limit_per_user, counts_users, pay_within_ms, pay_within_ms * interval '1 millisecond' AS pay_within
            FROM turn
            CROSS JOIN stock
            JOIN sales ON sales.id = sale_id
            WHERE sale_id = $1::text AND sku = $2::text AND stock.epoch <= $3::bigint
        ), added AS (
            INSERT INTO orders (\(newOrder))
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
            \(addingToCounters)
        ), taken AS MATERIALIZED (
            SELECT units FROM (SELECT count(*) FROM counted) AS counters_first CROSS JOIN (SELECT sum(quantity) AS units FROM added) AS of_batch
        ), moved AS (
            UPDATE stock SET committed = CASE WHEN stock.epoch <= $3 THEN stock.committed + taken.units ELSE -1 END
            FROM item CROSS JOIN taken
            WHERE stock.sale_id = item.sale_id AND stock.sku = item.sku
            RETURNING stock.sale_id, stock.sku, taken.units
        ), entered AS (
            INSERT INTO stock_ledger (sale_id, sku, kind, committed) SELECT sale_id, sku, 'commit', units FROM moved
        ), told AS (
            INSERT INTO events (type, sale_id, sku, orders) SELECT '\(EventType.orderCommitted)', sale_id, sku, $4::uuid[] FROM moved
        )
        SELECT unit_price, currency, pay_within_ms, counts_users FROM item
        """)

    /// The fast path of any other batch: one statement, and so one transaction, for orders that
    /// Postgres has never seen.
    ///
    /// Moves each item's `committed` by what was inserted. Orders are inserted by id, counters by
    /// user, stock by item: two nodes with the same orders wait for each other instead of
    /// dead-locking. An order that is there already, or an order too many for its user, breaks a
    /// unique index; an order too many for its item or its counter breaks a CHECK. Either way
    /// nothing of the batch is written.
    ///
    /// An order that was granted in an epoch older than its item's is charged to the present one by
    /// a stock move.
    ///
    /// Parameters: sale and SKU of each item ($1, $2); of each order, sorted by id: position of its
    /// item counted from 1 ($3), id, user, quantity, key, epoch, instant of the grant ($4–$9).
    /// Answers with one row per known item: its position, price, currency and time to pay; and a
    /// row of position 0 with the ids that were inserted. No join tells whose they are: the planner
    /// takes these lists for short, and would compare each with each, as it does with the orders of
    /// an ended epoch.
    static let commitNewOrders = Statement("commit_new_orders", commit(onConflict: ""))

    /// As `commitNewOrders`, and leaves out the orders whose id, key or user is taken: a batch that
    /// comes twice counts once. Looking for conflicts before each insert costs a third more than
    /// meeting them.
    static let commitOrders = Statement("commit_orders", commit(onConflict: "ON CONFLICT DO NOTHING"))

    private static func commit(onConflict: String) -> String {
        """
        WITH turn AS MATERIALIZED (
            \(takingJournalLocks("pg_advisory_xact_lock_shared"))
        ), item AS MATERIALIZED (
            SELECT wanted.position, sale_id, stock.sku, stock.unit_price, stock.currency, stock.counts_users,
                sales.pay_within_ms, sales.pay_within_ms * interval '1 millisecond' AS pay_within
            FROM turn
            CROSS JOIN unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (sale_id, sku, position)
            JOIN stock USING (sale_id, sku)
            JOIN sales ON sales.id = sale_id
        ), added AS (
            INSERT INTO orders (\(newOrder))
            SELECT asked.id, asked.created_at, asked.created_at + item.pay_within, item.unit_price, asked.epoch, asked.quantity, NOT item.counts_users,
                item.sale_id, item.sku, item.currency, 'awaiting_payment', asked.user_id, asked.idempotency_key
            FROM unnest($3::bigint[], $4::uuid[], $5::text[], $6::integer[], $7::text[], $8::bigint[], $9::timestamptz[])
                AS asked (position, id, user_id, quantity, idempotency_key, epoch, created_at)
            JOIN item USING (position)
            ORDER BY asked.id
            \(onConflict)
            RETURNING id, sale_id, sku, user_id, quantity, one_per_user, epoch, idempotency_key
        ), counted AS (
            INSERT INTO user_units AS held (user_id, sale_id, sku, units, limit_per_user)
            SELECT added.user_id, sale_id, sku, sum(added.quantity), min(stock.limit_per_user)
            FROM added JOIN stock USING (sale_id, sku)
            WHERE NOT added.one_per_user
            GROUP BY added.user_id, sale_id, sku
            ORDER BY added.user_id, sale_id, sku
            \(addingToCounters)
        ), taken AS MATERIALIZED (
            SELECT sale_id, sku, sum(quantity) AS units, min(epoch) AS oldest_epoch, array_agg(id ORDER BY id) AS ids FROM added GROUP BY sale_id, sku
        ), locked AS MATERIALIZED (
            SELECT sale_id, sku, taken.units, taken.ids, taken.oldest_epoch, stock.epoch, stock.last_move
            FROM (SELECT count(*) FROM counted) AS counters_first
            CROSS JOIN taken
            JOIN stock USING (sale_id, sku)
            ORDER BY sale_id, sku
            FOR UPDATE OF stock
        ), late AS MATERIALIZED (
            SELECT sale_id, sku, locked.last_move + row_number() OVER (PARTITION BY sale_id, sku ORDER BY added.id) AS number, added.id, added.user_id,
                added.quantity, added.idempotency_key, locked.epoch
            FROM locked JOIN added USING (sale_id, sku)
            WHERE locked.oldest_epoch < locked.epoch AND added.epoch < locked.epoch
        ), charged AS (
            INSERT INTO stock_moves (sale_id, sku, number, kind, order_id, user_id, quantity, idempotency_key, epoch)
            SELECT sale_id, sku, number, 'charge', id, user_id, quantity, idempotency_key, epoch FROM late
        ), moved AS (
            UPDATE stock SET committed = stock.committed + locked.units,
                last_move = greatest(stock.last_move, (SELECT max(number) FROM late WHERE late.sale_id = stock.sale_id AND late.sku = stock.sku))
            FROM locked WHERE stock.sale_id = locked.sale_id AND stock.sku = locked.sku
            RETURNING stock.sale_id, stock.sku, locked.units, locked.ids
        ), entered AS (
            INSERT INTO stock_ledger (sale_id, sku, kind, committed) SELECT sale_id, sku, 'commit', units FROM moved
        ), told AS (
            INSERT INTO events (type, sale_id, sku, orders) SELECT '\(EventType.orderCommitted)', sale_id, sku, ids FROM moved
        )
        SELECT position, unit_price, currency, pay_within_ms, NULL::uuid[] FROM item
        UNION ALL SELECT 0, NULL, NULL, NULL, array_agg(id) FROM added
        """
    }

    /// Orders of ids $1: the columns of `OrderRow`, why one was rejected, `awaitsStandby`.
    static let findOrders = Statement(
        "find_orders",
        "SELECT \(OrderRow.columns), rejection, \(awaitsStandby) FROM orders WHERE id = ANY ($1::uuid[])")

    // MARK: The serialized path, in the order of its locks

    /// Of the sales $1.
    static let lockJournal = Statement("lock_journal", takingJournalLocks("pg_advisory_xact_lock"))

    /// Locks the counters of users $1 with items of sales $2 and SKUs $3.
    static let lockUserUnits = Statement(
        "lock_user_units",
        """
        SELECT 1
        FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (user_id, sale_id, sku)) AS wanted
        JOIN user_units USING (user_id, sale_id, sku)
        ORDER BY user_id, sale_id, sku
        FOR UPDATE OF user_units
        """)

    /// Locks the items of sales $1 and SKUs $2; answers with position, units that are left, limit.
    static let lockItems = Statement(
        "lock_items",
        """
        SELECT wanted.position, stock.loaded - stock.committed, stock.limit_per_user
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (sale_id, sku, position)
        JOIN stock USING (sale_id, sku)
        ORDER BY sale_id, sku
        FOR UPDATE OF stock
        """)

    /// Units in live orders of users $1 with items of sales $2 and SKUs $3: user, sale, SKU, units.
    static let readHoldings = Statement(
        "read_holdings",
        """
        SELECT user_id, sale_id, sku, sum(orders.quantity)
        FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (user_id, sale_id, sku)) AS wanted
        JOIN orders USING (user_id, sale_id, sku)
        WHERE orders.state IN \(live)
        GROUP BY user_id, sale_id, sku
        """)

    /// Which of the keys $3 of users $1 in sales $2 an order holds: user, sale, key.
    static let readKeys = Statement(
        "read_keys",
        """
        SELECT user_id, sale_id, idempotency_key
        FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (user_id, sale_id, idempotency_key)
        JOIN orders USING (user_id, sale_id, idempotency_key)
        WHERE orders.idempotency_key IS NOT NULL
        """)

    /// Records orders that were not committed. Parameters as of `commitOrders`, and why ($10). They
    /// hold no units.
    static let recordRejected = Statement(
        "record_rejected",
        """
        WITH recorded AS (
        INSERT INTO orders (
            \(newOrder), rejection)
        SELECT asked.id, asked.created_at, asked.created_at + sales.pay_within_ms * interval '1 millisecond', stock.unit_price, asked.epoch,
            asked.quantity, NOT stock.counts_users AND asked.quantity = 1, stock.sale_id, stock.sku, stock.currency, 'rejected', asked.user_id,
            asked.idempotency_key, asked.rejection
        FROM unnest($3::bigint[], $4::uuid[], $5::text[], $6::integer[], $7::text[], $8::bigint[], $9::timestamptz[], $10::text[])
            AS asked (position, id, user_id, quantity, idempotency_key, epoch, created_at, rejection)
        JOIN unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (sale_id, sku, position) USING (position)
        JOIN stock ON stock.sale_id = wanted.sale_id AND stock.sku = wanted.sku
        JOIN sales ON sales.id = wanted.sale_id
        RETURNING id, sale_id, sku, rejection
        )
        INSERT INTO events (type, sale_id, sku, orders, cause)
        SELECT '\(EventType.orderRejected)', sale_id, sku, array_agg(id ORDER BY id), rejection::text FROM recorded GROUP BY sale_id, sku, rejection
        """)
}
