extension Statement {
    static let reading = [
        orderByID, ordersOfUser, ping, sessionRoom, stockTotals, itemUnits, endedUnits, standbys, asynchronousStandby, awaitStandby, settings,
        mayReadFiles, dirtyBackgroundBytes, clock, standing, replication,
    ]

    static let orderByID = Statement("order_by_id", "SELECT \(OrderRow.columns), \(awaitsStandby) FROM orders WHERE id = $1::uuid")

    /// At most $3 orders of user $1 with an id below $2, newest first.
    ///
    /// The user's orders are few and are gathered before they are sorted: the planner must not hope
    /// to find them soon among everybody's newest.
    static let ordersOfUser = Statement(
        "orders_of_user",
        """
        WITH mine AS MATERIALIZED (
            SELECT \(OrderRow.columns) FROM orders WHERE user_id = $1::text AND id < $2::uuid
        )
        SELECT \(OrderRow.columns), \(awaitsStandby) FROM mine ORDER BY id DESC LIMIT $3::bigint
        """)

    /// Whether Postgres takes writes.
    static let ping = Statement("ping", "SELECT current_setting('transaction_read_only') = 'off'")

    /// Sessions at most, sessions kept for others, sessions in use. Who else is connected is not
    /// for everybody to see; how many are, is.
    static let sessionRoom = Statement(
        "session_room",
        """
        SELECT current_setting('max_connections')::bigint,
            current_setting('superuser_reserved_connections')::bigint + coalesce(current_setting('reserved_connections', true), '0')::bigint,
            (SELECT coalesce(sum(numbackends), 0)::bigint FROM pg_stat_database)
        """)

    /// Of the sales $1: units loaded, units in live orders, moves that Redis may not know of.
    static let stockTotals = Statement(
        "stock_totals",
        """
        SELECT sale_id, sum(loaded)::bigint, sum(committed)::bigint,
            (SELECT count(*) FROM stock_moves WHERE stock_moves.sale_id = stock.sale_id)
        FROM stock WHERE sale_id = ANY ($1::text[]) GROUP BY sale_id
        """)

    /// Of the items $2 of the sales $1, pair by pair: units loaded, units in live orders.
    static let itemUnits = Statement(
        "item_units",
        """
        SELECT sale_id, sku, loaded, committed
        FROM stock JOIN unnest($1::text[], $2::text[]) AS wanted (sale_id, sku) USING (sale_id, sku)
        """)

    /// Of the sales $1, by item: units in paid orders, units that cancelled and expired orders gave
    /// back.
    static let endedUnits = Statement(
        "ended_units",
        """
        SELECT sale_id, sku, coalesce(sum(quantity) FILTER (WHERE state = 'paid'), 0)::bigint,
            coalesce(sum(quantity) FILTER (WHERE state <> 'paid'), 0)::bigint FROM orders
        WHERE sale_id = ANY ($1::text[]) AND state IN ('paid', 'cancelled', 'expired') GROUP BY sale_id, sku
        """)

    /// Of the settings $1: name, value in its unit, value for people.
    static let settings = Statement(
        "settings", "SELECT name::text, setting, current_setting(name) FROM pg_settings WHERE name = ANY ($1::text[])")

    /// Whether this user may read files of the server's machine: a superuser may.
    static let mayReadFiles = Statement(
        "may_read_files",
        """
        SELECT has_function_privilege('pg_read_file(text, bigint, bigint, boolean)', 'EXECUTE')
            AND pg_has_role('pg_read_server_files', 'USAGE')
        """)

    /// How many bytes that were written the kernel gathers before it begins to bring them to the
    /// disk; `NULL` where there is no such file.
    static let dirtyBackgroundBytes = Statement(
        "dirty_background_bytes", "SELECT rtrim(pg_read_file('/proc/sys/vm/dirty_background_bytes', 0, 32, true), E'\\n')")

    static let clock = Statement("clock", "SELECT clock_timestamp()")

    /// Of this Postgres: whether it follows another one, whether it takes writes, its version, the
    /// size of the database, that of the orders, and for how many milliseconds the oldest
    /// transaction has been under way, of those that this user may see.
    static let standing = Statement(
        "standing",
        """
        SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'off', current_setting('server_version'),
            pg_database_size(current_database()), pg_total_relation_size(to_regclass('orders')),
            (
                SELECT (extract(epoch FROM max(clock_timestamp() - xact_start)) * 1000)::bigint FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
            )
        """)

    /// Who follows this Postgres: name, state, synchrony, bytes and milliseconds behind. Others'
    /// are null to a user who may not see them.
    static let replication = Statement(
        "replication",
        """
        SELECT application_name, state, sync_state,
            pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, replay_lsn)::bigint,
            (extract(epoch FROM replay_lag) * 1000)::bigint
        FROM pg_stat_replication ORDER BY application_name, pid
        """)

    // MARK: Standbys

    /// Whether a COMMIT would wait for a standby. The last column of whatever reads orders: see
    /// `PostgresSession.look`.
    static let awaitsStandby = "current_setting('synchronous_standby_names') <> ''"

    static let standbys = Statement("standbys", "SELECT \(awaitsStandby)")

    /// Whether somebody follows whom no COMMIT waits for. Who it is, not everybody may see; that
    /// somebody is there, everybody.
    static let asynchronousStandby = Statement(
        "asynchronous_standby", "SELECT current_setting('synchronous_standby_names') = '' AND EXISTS (SELECT FROM pg_stat_replication)")

    /// Makes its own COMMIT one that waits: a record in the WAL, transactional, so that the
    /// transaction counts as one that wrote. Wants no privilege.
    static let awaitStandby = Statement("await_standby", "SELECT pg_logical_emit_message(true, 'seckill', '')")
}
