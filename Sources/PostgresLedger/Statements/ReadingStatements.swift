extension Statement {
    static let reading = [orderByID, ordersOfUser, ping]

    static let orderByID = Statement("order_by_id", "SELECT \(OrderRow.columns) FROM orders WHERE id = $1::uuid")

    /// At most $3 orders of user $1 with an id below $2, newest first.
    ///
    /// The user's orders are few and are gathered before they are sorted: the planner must not hope to find them soon among everybody's newest.
    static let ordersOfUser = Statement(
        "orders_of_user",
        """
        WITH mine AS MATERIALIZED (
            SELECT \(OrderRow.columns) FROM orders WHERE user_id = $1::text AND id < $2::uuid
        )
        SELECT \(OrderRow.columns) FROM mine ORDER BY id DESC LIMIT $3::bigint
        """)

    static let ping = Statement("ping", "SELECT 1")
}
